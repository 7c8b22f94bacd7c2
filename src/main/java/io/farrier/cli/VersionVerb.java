package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.assembly.Build;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Print farrier's version and the Java it runs on.")
final class VersionVerb extends Verb {
    @Override
    public Integer call() {
        String java = System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
        if (wantsJson()) {
            screen().json(JsonNodeFactory.instance
                    .objectNode()
                    .put("farrier", Build.version())
                    .put("java", java));
            return ExitCode.DONE;
        }
        screen().line("farrier " + Build.version());
        screen().line("java    " + java);
        return ExitCode.DONE;
    }
}
