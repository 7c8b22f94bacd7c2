package io.farrier.cli;

import io.farrier.assembly.Assembly;
import io.farrier.config.InvalidConfigException;
import io.farrier.feed.Facts;
import io.farrier.plan.Outcome;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "recover",
        description = "Finish or undo a change that farrier was killed in, and nothing else; works with a broken"
                + " configuration. Exits 0 when nothing was interrupted, 5 when the files were put back.")
final class RecoverVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        try (Assembly assembly = node.assembly()) {
            List<Outcome> outcomes = recover(assembly);
            if (outcomes.isEmpty() && !wantsJson()) {
                screen().line("No change was interrupted.");
                return ExitCode.DONE;
            }
            if (node.isThisNode()) {
                screen().complain("The agent changes nothing by itself until 'farrier resume': see 'farrier history'.");
            }
            return Outcomes.of(outcomes.stream().map(Facts::outcome).toList()).show(screen(), wantsJson());
        }
    }

    /** A configuration that is broken or gone must not stand in the way. */
    private List<Outcome> recover(Assembly assembly) throws IOException {
        try {
            return assembly.recover();
        } catch (InvalidConfigException broken) {
            Complaint.of(broken).forEach(screen()::complain);
            screen().complain("Looking for an interrupted change in /var/lib/farrier all the same.");
            return assembly.recoverWithoutConfiguration();
        }
    }
}
