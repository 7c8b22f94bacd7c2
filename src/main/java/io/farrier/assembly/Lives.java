package io.farrier.assembly;

import io.farrier.ledger.CorruptLedgerException;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.StateFormat;
import io.farrier.node.SafeMode;
import io.farrier.node.SafeModeFile;
import io.farrier.node.Starts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** One life of the agent after the other: what the last ones were like decides whether this one may change the node. */
final class Lives {
    /** After a full stop or a dash. */
    static final String INTERRUPTED =
            "farrier was killed in the middle of a change, which was undone or finished since";

    private static final System.Logger LOGGER = System.getLogger(Lives.class.getName());

    private final Starts starts;

    private Lives(Starts starts) {
        this.starts = starts;
    }

    /** Enters safe mode where the last lives say so (SAFETY 13). */
    static Lives begin(Machine machine, Path stateDir) throws IOException {
        claim(machine, stateDir);
        Lives lives = new Lives(new Starts(machine.files(), stateDir, machine.clock()));
        Optional<String> because = lives.tooManyEnds().or(() -> interrupted(machine, stateDir));
        if (because.isPresent()) {
            new SafeModeFile(machine.files(), stateDir)
                    .enter(new SafeMode(machine.clock().instant(), because.get()));
        }
        return lives;
    }

    private static void claim(Machine machine, Path stateDir) throws IOException {
        try {
            new StateFormat(machine.files(), stateDir).claim(Build.version());
        } catch (IOException unwritable) {
            LOGGER.log(System.Logger.Level.WARNING, "Could not note whose state this is: " + unwritable.getMessage());
        }
    }

    /** It ended as it was told to. */
    void end() {
        try {
            starts.end();
        } catch (IOException unwritable) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Could not note that the agent ended as told: " + unwritable.getMessage());
        }
    }

    /** On a full disk no life is counted: the agent must report that the disk is full. */
    private Optional<String> tooManyEnds() {
        try {
            return starts.begin();
        } catch (IOException unwritable) {
            LOGGER.log(System.Logger.Level.WARNING, "Could not note that the agent begins: " + unwritable.getMessage());
            return Optional.empty();
        }
    }

    /** One that cannot be read is the change lane's finding. */
    private static Optional<String> interrupted(Machine machine, Path stateDir) {
        try {
            return new Ledger(machine.files(), stateDir).openChange().map(change -> INTERRUPTED);
        } catch (CorruptLedgerException unreadable) {
            return Optional.of("what farrier noted of a change that was interrupted cannot be read");
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
