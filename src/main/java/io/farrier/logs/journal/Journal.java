package io.farrier.logs.journal;

import io.farrier.node.RunningCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The journal of this machine, or journal files in a folder, as {@code journalctl} tells it. */
public final class Journal {
    private static final String PROGRAM = "journalctl";

    private final List<String> where;

    private Journal(List<String> where) {
        this.where = where;
    }

    public static Journal ofThisMachine() {
        return new Journal(List.of());
    }

    public static Journal in(Path folder) {
        return new Journal(List.of("--directory=" + folder));
    }

    /**
     * All entries of the units from the cursor on, which itself comes first if it is still there, and what is written
     * from then on. Options that systemd 219 knows: CentOS 7 is where RKE1 still runs.
     *
     * @param since microseconds since 1970, for when there is no cursor yet
     */
    RunningCommand follow(Collection<String> units, @Nullable String cursor, long since) throws IOException {
        List<String> argv = argv();
        // Else -f begins with the last ten.
        argv.add("--no-tail");
        argv.add("--follow");
        argv.add(cursor == null ? "--since=@" + TimeUnit.MICROSECONDS.toSeconds(since) : "--cursor=" + cursor);
        units.forEach(unit -> argv.add("--unit=" + unit));
        return RunningCommand.start(argv);
    }

    /** The first entry of any unit at the cursor or, when that is gone, behind it. */
    Optional<JournalEntry> firstFrom(String cursor) throws IOException {
        return first("--cursor=" + cursor);
    }

    Optional<JournalEntry> oldest() throws IOException {
        return first();
    }

    private Optional<JournalEntry> first(String... from) throws IOException {
        List<String> argv = argv();
        argv.addAll(List.of(from));
        try (RunningCommand reads = RunningCommand.start(argv)) {
            return new ExportReader(reads.out()).next();
        }
    }

    private List<String> argv() {
        List<String> argv = new ArrayList<>(List.of(PROGRAM, "--quiet", "--no-pager", "--output=export"));
        argv.addAll(where);
        return argv;
    }
}
