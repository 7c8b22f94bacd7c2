package io.farrier.cli;

import java.util.Objects;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = {
            "Print the completion script for a shell.",
            "  bash: farrier completion bash > /etc/bash_completion.d/farrier",
            "  zsh:  source <(farrier completion zsh)"
        })
final class CompletionVerb extends Verb {
    @Parameters(paramLabel = "bash|zsh", description = "the shell")
    String shell = "";

    /** One script serves both: it loads bashcompinit where zsh reads it. */
    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new ParameterException(
                    spec().commandLine(), "There is no script for '" + shell + "', only bash, zsh.");
        }
        CommandLine root = Objects.requireNonNull(spec().parent(), "a verb is below farrier")
                .commandLine();
        screen().raw(AutoComplete.bash("farrier", root));
        return ExitCode.DONE;
    }
}
