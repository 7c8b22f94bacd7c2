package io.farrier.logs.journal;

import io.farrier.node.RunningCommand;
import io.farrier.transport.GrowingPause;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The one {@code journalctl} that reads the journal, and when it is started again. One thread. */
final class JournalChild implements Closeable {
    /** journalctl has nothing more: as long as it looks through its files it is silent too, but never for so long. */
    static final Duration SILENCE = Duration.ofSeconds(5);

    private final Journal journal;
    private final Set<String> units;
    private final LongSupplier nanos;

    private @Nullable RunningCommand child;
    private @Nullable ExportReader entries;
    private long heardAt;
    private long retryAt;
    private final GrowingPause pause = new GrowingPause(Duration.ofSeconds(1), Duration.ofMinutes(5));
    private @Nullable String problem;

    JournalChild(Journal journal, Set<String> units, LongSupplier nanos) {
        this.journal = journal;
        this.units = units;
        this.nanos = nanos;
        this.retryAt = nanos.getAsLong();
        this.heardAt = retryAt;
    }

    boolean isStarted() {
        return child != null;
    }

    /** True when it is not running, and has rested for long enough. */
    boolean mayStart() {
        return child == null && nanos.getAsLong() - retryAt >= 0;
    }

    /** @param cursor the entry to begin with, null for what was written since {@code since} */
    void start(@Nullable String cursor, long since) throws IOException {
        RunningCommand started = journal.follow(units, cursor, since);
        child = started;
        entries = new ExportReader(started.out());
        heardAt = nanos.getAsLong();
    }

    /** The next entry, if it can be read without waiting; an exception when it has ended. */
    Optional<JournalEntry> next() throws IOException {
        RunningCommand command = child;
        ExportReader reader = entries;
        if (command == null || reader == null) {
            return Optional.empty();
        }
        // Before the look: what it wrote last would else be taken for nothing.
        boolean wasAlive = command.isAlive();
        boolean isReady = reader.isReady();
        if (!isReady && wasAlive) {
            return Optional.empty();
        }
        Optional<JournalEntry> entry = isReady ? reader.next() : Optional.empty();
        if (entry.isEmpty()) {
            throw new IOException("journalctl ended: " + command.complaint());
        }
        problem = null;
        pause.reset();
        heardAt = nanos.getAsLong();
        return entry;
    }

    boolean isAlive() {
        return child != null && child.isAlive();
    }

    /** True when it has said nothing for so long that there is nothing. */
    boolean isQuiet() {
        return nanos.getAsLong() - heardAt >= SILENCE.toNanos();
    }

    /** Why it does not run now. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** It is started again after a pause, each time a longer one. */
    void stop(String why) {
        problem = why;
        close();
        child = null;
        entries = null;
        retryAt = nanos.getAsLong() + pause.next().toNanos();
    }

    @Override
    public void close() {
        if (child != null) {
            child.close();
        }
    }
}
