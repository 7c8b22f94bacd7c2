package io.farrier.logs.journal;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What farrier keeps of one entry of the journal.
 *
 * @param micros when journald received it, since 1970
 * @param priority syslog's: 0 emergency to 7 debug
 * @param units all units that the entry names: the one that wrote it first, then those it is about
 * @param isOfContainer true for what dockerd wrote for a container with the log driver {@code journald}
 * @param message as it was written, at most {@link ExportReader#MAX_MESSAGE_BYTES}
 * @param cutBytes how much longer the message was
 */
record JournalEntry(
        String cursor,
        long micros,
        int priority,
        List<String> units,
        boolean isOfContainer,
        byte[] message,
        long cutBytes) {
    /** What a program says that knows no priorities. */
    static final int INFORMATIONAL = 6;

    static final int WARNING = 4;

    /** The wanted unit that it belongs to: {@code systemctl start} is told by pid 1, about the unit. */
    Optional<String> unitOf(Set<String> wanted) {
        return units.stream().filter(wanted::contains).findFirst();
    }

    @Override
    public String toString() {
        return cursor + " " + units + " " + Arrays.hashCode(message);
    }
}
