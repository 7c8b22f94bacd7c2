package io.farrier.logs.journal;

import io.farrier.logs.copied.CommitBeat;
import io.farrier.logs.copied.CommitPace;
import io.farrier.logs.copied.CopiedFile;
import io.farrier.logs.copied.CopiedFiles;
import io.farrier.logs.copied.LineCopier;
import io.farrier.logs.copied.Loss;
import io.farrier.logs.copied.PositionFile;
import io.farrier.logs.copied.Stored;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes what the journal has of the wanted units to their files; one thread owns it and calls {@link #turn}. */
public final class JournalUnits implements LineCopier {
    /** How exactly is known, of units that are silent, since when something may be missing. */
    private static final Duration SAY_CAUGHT_UP_EVERY = Duration.ofMinutes(10);

    /** Of one turn, so that the owner hears of a close. */
    private static final int MAX_ENTRIES = 1000;

    private final Journal journal;
    private final Set<String> units;
    private final PositionFile<Position> positions;
    private final CopiedFiles files;

    /** In the order of the units. */
    private final Map<String, Path> logs;

    private final CommitPace commits;
    private final LongSupplier nanos;
    private final Clock clock;

    private final JournalChild child;
    private Position position;

    /** The entry that the child should begin with, until it has. */
    private @Nullable String expected;

    private @Nullable String cursor;
    private long cursorMicros;
    private boolean isDirty;

    private JournalUnits(
            Journal journal,
            Set<String> units,
            PositionFile<Position> positions,
            CopiedFiles files,
            Position position,
            LongSupplier nanos,
            Clock clock) {
        this.journal = journal;
        this.units = units;
        this.positions = positions;
        this.files = files;
        Map<String, Path> paths = new LinkedHashMap<>();
        units.forEach(unit -> paths.put(unit, files.path(unit)));
        this.logs = Collections.unmodifiableMap(paths);
        this.position = position;
        this.cursor = position.cursor();
        this.nanos = nanos;
        this.clock = clock;
        this.commits = new CommitPace(CommitBeat.COPIES, nanos.getAsLong());
        this.child = new JournalChild(journal, units, nanos);
    }

    /**
     * @param units full names, such as {@code docker.service}
     * @param folder of the files, made when it is not there
     */
    public static JournalUnits open(Journal journal, List<String> units, Path folder, LongSupplier nanos, Clock clock)
            throws IOException {
        return open(journal, units, folder, CopiedFiles.MAX_BYTES, nanos, clock);
    }

    static JournalUnits open(
            Journal journal, List<String> units, Path folder, long maxBytes, LongSupplier nanos, Clock clock)
            throws IOException {
        PositionFile<Position> positions = new PositionFile<>(folder, Position.class);
        long since = micros(clock.instant().minus(HISTORY));
        Position position = positions.read().orElseGet(() -> new Position(since, null, 0, units, Map.of(), null));
        CopiedFiles files = CopiedFiles.open(folder, maxBytes, Set.copyOf(units), position.files());
        JournalUnits opened =
                new JournalUnits(journal, new LinkedHashSet<>(units), positions, files, position, nanos, clock);
        opened.noteTheBeginning();
        return opened;
    }

    /** From now on it is known since when entries are wanted, though there be none for weeks. */
    private void noteTheBeginning() {
        try {
            commit();
        } catch (IOException full) {
            // A full disk keeps no agent from its start: this is written as soon as there is room.
            isDirty = true;
        }
    }

    @Override
    public Map<String, Path> logs() {
        return logs;
    }

    @Override
    public Status status() {
        return new Status(files.bytes(), files.isFull(), child.problem());
    }

    /** Of which unit it was, the journal no longer says. */
    @Override
    public Set<Loss> losses() {
        String loss = position.loss();
        return loss == null
                ? Set.of()
                : units.stream().map(unit -> new Loss(unit, loss)).collect(Collectors.toSet());
    }

    /** One unit's is enough: another may never have had a line. */
    @Override
    public void told(Set<Loss> losses) throws IOException {
        if (losses().stream().noneMatch(losses::contains)) {
            return;
        }
        position = new Position(
                position.since(), position.cursor(), position.caughtUpAt(), position.units(), position.files(), null);
        isDirty = true;
    }

    @Override
    public void delete(Stored stored) throws IOException {
        files.delete(stored);
    }

    @Override
    public Duration turn() {
        try {
            boolean more = !files.isFull() && isFollowing() && take();
            commitIfDue();
            return more ? Duration.ZERO : child.isQuiet() ? LONG_REST : REST;
        } catch (IOException failed) {
            child.stop(String.valueOf(failed.getMessage()));
            return LONG_REST;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            commit();
        } finally {
            child.close();
            files.close();
        }
    }

    private boolean isFollowing() throws IOException {
        if (child.mayStart()) {
            child.start(cursor, position.since());
            expected = cursor;
        }
        return child.isStarted();
    }

    /** @return true when there is more */
    private boolean take() throws IOException {
        for (int i = 0; i < MAX_ENTRIES; i++) {
            Optional<JournalEntry> entry = child.next();
            if (entry.isEmpty()) {
                return false;
            }
            take(entry.get());
        }
        return !files.isFull();
    }

    private void take(JournalEntry entry) throws IOException {
        String before = expected;
        expected = null;
        if (entry.cursor().equals(before)) {
            return;
        }
        if (before != null && isGone(before)) {
            lose();
        }
        Optional<String> unit = entry.unitOf(units);
        if (unit.isPresent() && !entry.isOfContainer()) {
            files.append(unit.get(), UnitLine.bytes(entry));
        }
        cursor = entry.cursor();
        cursorMicros = entry.micros();
        isDirty = true;
        if (unit.filter(files::isGrown).isPresent()) {
            rotate(unit.get());
        }
    }

    /** Not merely of a unit that is no longer wanted, and not so long ago that we had all of it. */
    private boolean isGone(String before) throws IOException {
        boolean isThere = journal.firstFrom(before)
                .map(entry -> entry.cursor().equals(before))
                .orElse(false);
        if (isThere) {
            return false;
        }
        return journal.oldest()
                .map(oldest -> oldest.micros() > position.caughtUpAt())
                .orElse(true);
    }

    private void lose() throws IOException {
        position = new Position(
                position.since(),
                position.cursor(),
                position.caughtUpAt(),
                position.units(),
                position.files(),
                "the journal no longer has what followed the last entry that was read; it was known to be complete until "
                        + instant(position.caughtUpAt()));
        isDirty = true;
    }

    /** Twice, so that the position before the last one is of the new file too. */
    private void rotate(String unit) throws IOException {
        commit();
        files.rotate(unit);
        commit();
        commit();
    }

    private void commitIfDue() throws IOException {
        long now = nanos.getAsLong();
        boolean isWorthSaying = isCaughtUp() && commits.since(now) >= SAY_CAUGHT_UP_EVERY.toNanos();
        if (isDirty && commits.isDue(now) || isWorthSaying) {
            commit();
        }
    }

    private void commit() throws IOException {
        int fsyncs = files.unforced() + 1;
        Map<String, CopiedFile.End> ends = files.force();
        long complete = isCaughtUp() ? micros(clock.instant().minus(JournalChild.SILENCE)) : cursorMicros;
        long caughtUpAt = Math.max(position.caughtUpAt(), complete);
        position = new Position(position.since(), cursor, caughtUpAt, List.copyOf(units), ends, position.loss());
        positions.write(position);
        commits.committed(fsyncs, nanos.getAsLong());
        isDirty = false;
    }

    private boolean isCaughtUp() {
        return child.isAlive() && !files.isFull() && child.isQuiet();
    }

    private static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
