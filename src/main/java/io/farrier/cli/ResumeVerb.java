package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.assembly.Assembly;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "resume",
        description = "End a pause: farrier goes on with this node, within seconds where the agent runs.")
final class ResumeVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        try (Assembly assembly = node.assembly()) {
            Optional<String> ended = assembly.pausing().resume();
            if (wantsJson()) {
                screen().json(JsonNodeFactory.instance
                        .objectNode()
                        .put("paused", false)
                        .put("was_paused", ended.isPresent()));
            } else {
                screen().line(ended.map(pause -> "Resumed: " + pause.replaceFirst("^it is", "it was") + ".")
                        .orElse("This node was not paused."));
            }
            return ExitCode.DONE;
        }
    }
}
