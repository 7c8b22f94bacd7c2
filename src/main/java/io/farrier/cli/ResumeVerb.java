package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.assembly.Assembly;
import io.farrier.reconcile.Pausing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "resume",
        description =
                "End a pause, or the agent's safe mode: farrier goes on with this node, within seconds where the agent runs.")
final class ResumeVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        try (Assembly assembly = node.assembly()) {
            Pausing.Resumed ended = assembly.pausing().resume();
            if (wantsJson()) {
                screen().json(JsonNodeFactory.instance
                        .objectNode()
                        .put("paused", false)
                        .put("was_paused", ended.pause().isPresent())
                        .put("was_in_safe_mode", ended.safeMode().isPresent()));
            } else {
                show(ended);
            }
            return ExitCode.DONE;
        }
    }

    private void show(Pausing.Resumed ended) {
        ended.pause().ifPresent(pause -> screen().line("Resumed: " + pause.replaceFirst("^it is", "it was") + "."));
        ended.safeMode()
                .ifPresent(
                        mode -> screen().line("Resumed: " + mode.replaceFirst("^the agent is", "the agent was") + "."));
        if (ended.pause().isEmpty() && ended.safeMode().isEmpty()) {
            screen().line("This node was not paused, and the agent not in safe mode.");
        }
    }
}
