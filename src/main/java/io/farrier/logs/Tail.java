package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import io.farrier.sample.ContainerSample;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All log files of a node, read by one thread that owns this object: {@link #turn} looks at the files and sends what is
 * new while there is credit; without credit or connection the files wait.
 *
 * <p>A file is held from discovery by a hard link beside the runtime's data, until the collector has acknowledged all
 * of it and a checkpoint that says so is on disk.
 */
public final class Tail implements Closeable {
    /** Giving up bytes costs a look at each held file. */
    private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** After something happened more is likely: so long it is looked for, which is cheaper than to watch again. */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(6);

    /** Whatever a watch may have missed, and what only time brings about. */
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final LogScope scope;
    private final long holdBytes;
    private final Redactions redactions;
    private final Supplier<Set<Path>> dataRoots;
    private final BooleanSupplier mayLink;
    private final LogSink sink;
    private final LongSupplier nanos;
    private final Clock clock;
    private final Optional<FolderWatch> watch;
    private final Pace pace;

    private final Map<String, ContainerLog> logs = new LinkedHashMap<>();
    private final Map<SourceId, Source> byId = new HashMap<>();
    private final Map<String, Checkpoint.Entry> resume = new LinkedHashMap<>();
    private final Set<Path> adoptedFolders = new HashSet<>();
    private final Map<Source, Long> doneIn = new HashMap<>();
    private final ByteBuffer slab = ByteBuffer.allocateDirect(Source.SLAB_BYTES);

    private long connection = LogSink.NONE;
    private long version;
    private boolean isDirty;
    private boolean hasNewSource;
    private boolean isResumed;
    private long tidiedAt;
    private long sweptAt;
    private boolean isPaced;
    private long firstTurn;
    private int problems;
    private @Nullable IOException lastProblem;

    /**
     * @param redact expressions of what must not leave the node, beside the built-in ones
     * @param remembered the entries of the last checkpoint
     * @param dataRoots the folders beside whose logs earlier runs may have held something, as far as they are known by now
     * @param mayLink false where nothing may be written beside the runtime's data (mode {@code observe}): files are then
     *     held by their descriptors only, and a kill may cost what was rotated away and not acknowledged
     * @param nanos a monotonic clock
     * @param watch what tells of changes in folders; without it every turn looks at every file
     */
    public Tail(
            LogScope scope,
            long holdBytes,
            List<String> redact,
            List<Checkpoint.Entry> remembered,
            Supplier<Set<Path>> dataRoots,
            BooleanSupplier mayLink,
            LogSink sink,
            LongSupplier nanos,
            Clock clock,
            Optional<FolderWatch> watch) {
        this.scope = scope;
        this.holdBytes = holdBytes;
        this.redactions = new Redactions(redact);
        this.dataRoots = dataRoots;
        this.mayLink = mayLink;
        this.sink = sink;
        this.nanos = nanos;
        this.clock = clock;
        this.watch = watch;
        this.pace = new Pace(nanos.getAsLong());
        this.tidiedAt = nanos.getAsLong();
        this.sweptAt = tidiedAt - SWEEP_NANOS;
        remembered.forEach(entry -> resume.put(entry.id(), entry));
    }

    /** 2 MiB of slabs: half of what a collector lets be under way. */
    private static final int QUANTUM_BATCHES = 8;

    /** Less than this is worth a wait while much is going on. */
    private static final int SMALL_BYTES = Source.SLAB_BYTES / 4;

    private static final Duration STIRRED = Duration.ofMillis(2);
    private static final Duration REST = Duration.ofMillis(100);

    /** What is being tailed, for {@code status}. */
    public record Status(
            int containers,
            int sources,
            int heldByDescriptorOnly,
            long heldBytes,
            long waitingBytes,
            int problems,
            Optional<String> lastProblem,
            List<String> redactionsOff) {}

    /** The table of containers as it is now; those in scope are tailed, those that left are read to their end. */
    public void containers(List<ContainerSample> table) {
        Set<String> listed = new HashSet<>();
        Set<String> outOfScope = new HashSet<>();
        for (ContainerSample container : table) {
            if (!scope.decide(container).ships()) {
                outOfScope.add(container.id());
            } else if (container.logPath() != null) {
                listed.add(container.id());
                logFor(LogOrigin.of(container, Path.of(container.logPath())));
            }
        }
        logs.forEach((id, log) -> log.setListed(listed.contains(id)));
        lookAtAllFiles();
        adoptHolds();
        outOfScope.forEach(this::drop);
        if (!isResumed) {
            isResumed = true;
            declareVanished();
        }
    }

    /**
     * One round: looks at every file, then sends at most one batch of each.
     *
     * @return true when there is more that can go at once
     */
    public boolean turn() {
        long now = sink.connection();
        if (now != connection) {
            connection = now;
            byId.values().forEach(Source::rewind);
        }
        if (watch.isPresent()) {
            lookWhereItStirs(watch.get());
        } else {
            lookAtAllFiles();
        }
        boolean more = connection != LogSink.NONE && ship();
        finish();
        tidy();
        return more;
    }

    /** What the collector has on disk. */
    public void ack(SourceId id, List<ByteRange> ranges) {
        Source source = byId.get(id);
        if (source != null) {
            ranges.forEach(source::ack);
            isDirty = true;
        }
    }

    /** The cursors, when they have changed since the last time. The caller writes them and then says {@link #written}. */
    public Optional<Checkpoint> checkpoint() {
        if (!isDirty || !isResumed) {
            return Optional.empty();
        }
        isDirty = false;
        hasNewSource = false;
        version++;
        List<Checkpoint.Entry> entries = new ArrayList<>();
        for (ContainerLog log : logs.values()) {
            entries.addAll(log.finished().values());
            for (Source source : log.sources()) {
                boolean done = doneIn.containsKey(source);
                if (done) {
                    doneIn.merge(source, version, (before, at) -> before == 0 ? at : before);
                }
                source.entry(done).ifPresent(entries::add);
            }
        }
        return Optional.of(new Checkpoint(version, entries));
    }

    /**
     * True when a source has been found since the last checkpoint. What it is called is only known while its container is
     * there, so this cannot wait as acks can.
     */
    public boolean hasNewSource() {
        return hasNewSource && isResumed;
    }

    /** The last checkpoint did not reach the disk: the next call gives one out, whether or not anything changed. */
    public void remindOfCheckpoint() {
        isDirty = true;
    }

    /** A checkpoint is on disk: what it calls done need not be held any more. */
    public void written(long written) {
        for (Map.Entry<Source, Long> done : List.copyOf(doneIn.entrySet())) {
            if (done.getValue() > 0 && done.getValue() <= written) {
                doneIn.remove(done.getKey());
                release(done.getKey());
            }
        }
    }

    public Status status() {
        List<Source> sources = sources();
        return new Status(
                logs.size(),
                sources.size(),
                (int) sources.stream()
                        .filter(source ->
                                source.file().map(file -> file.hold().isEmpty()).orElse(false))
                        .count(),
                heldOnly().stream().mapToLong(Source::size).sum(),
                sources.stream().mapToLong(Source::waitingBytes).sum(),
                problems,
                Optional.ofNullable(lastProblem).map(Throwable::toString),
                redactions.switchedOff());
    }

    /** Closes the descriptors; the holds stay for the next start. */
    @Override
    public void close() throws IOException {
        if (watch.isPresent()) {
            watch.get().close();
        }
        for (Source source : sources()) {
            if (source.file().isPresent()) {
                source.file().get().close();
            }
        }
    }

    /** What is no longer in scope is neither sent nor held. */
    private void drop(String containerId) {
        resume.values().removeIf(entry -> entry.containerId().equals(containerId));
        ContainerLog log = logs.remove(containerId);
        if (log == null) {
            return;
        }
        isDirty = true;
        for (Source source : log.sources()) {
            doneIn.remove(source);
            forget(source);
            releaseFile(source);
        }
    }

    private ContainerLog logFor(LogOrigin origin) {
        return logs.computeIfAbsent(origin.containerId(), id -> new ContainerLog(origin, lastKnown(origin), mayLink));
    }

    /** What an earlier run held is newer than what it wrote down; without holds the checkpoint has to do. */
    private Set<FileKey> lastKnown(LogOrigin origin) {
        Set<FileKey> known = new HashSet<>();
        try {
            Optional<HoldFolder> folder = HoldFolder.of(origin.path());
            if (folder.isPresent()) {
                known.addAll(folder.get().heldFor(origin.containerId()));
            }
        } catch (IOException problem) {
            note(problem);
        }
        if (known.isEmpty()) {
            resume.values().stream()
                    .filter(entry -> entry.containerId().equals(origin.containerId()))
                    .map(entry -> new FileKey(entry.device(), entry.inode()))
                    .reduce((older, newer) -> newer)
                    .ifPresent(known::add);
        }
        return known;
    }

    private void lookAtAllFiles() {
        long now = nanos.getAsLong();
        sweptAt = now;
        logs.values().forEach(log -> look(log, now));
        logs.values().removeIf(ContainerLog::isOver);
    }

    private void lookWhereItStirs(FolderWatch folders) {
        long now = nanos.getAsLong();
        if (now - sweptAt >= SWEEP_NANOS) {
            lookAtAllFiles();
            folders.retain(logs.values().stream().map(Tail::folderOf).collect(Collectors.toSet()));
        }
        Set<Path> stirred = folders.takeStirred();
        for (ContainerLog log : logs.values()) {
            if (stirred.contains(folderOf(log))) {
                log.stir(now);
            }
            if (log.isWatched()) {
                continue;
            }
            if (now - log.stirredAt() >= REST_NANOS && folders.watch(folderOf(log))) {
                log.setWatched();
            }
            // After the watch has begun: what came before it would not be told.
            look(log, now);
        }
    }

    private static Path folderOf(ContainerLog log) {
        Path folder = log.origin().path().getParent();
        return folder == null ? log.origin().path() : folder;
    }

    private void look(ContainerLog log, long now) {
        try {
            log.look(now, opened -> isDirty = true);
            lookAtSources(log, now);
        } catch (IOException problem) {
            note(problem);
        }
    }

    /** When to look again, if nobody calls before: soon while something happens that no watch would tell. */
    public Duration rest() {
        long now = nanos.getAsLong();
        boolean stirs = logs.values().stream().anyMatch(log -> now - log.stirredAt() < REST_NANOS);
        return isPaced || watch.isPresent() && stirs ? STIRRED : REST;
    }

    private void lookAtSources(ContainerLog log, long now) throws IOException {
        for (Source source : List.copyOf(log.sources())) {
            boolean hadName = source.id() != null;
            if (source.look(now)) {
                log.stir(now);
            }
            if (source.isTruncated()) {
                restart(log, source, now);
            } else if (!hadName && source.id() != null) {
                named(source);
            }
        }
    }

    /** The first line is there, so the source has a name, and perhaps a past. */
    private void named(Source source) {
        SourceId id = source.id();
        if (id == null) {
            return;
        }
        byId.put(id, source);
        Checkpoint.Entry past = resume.remove(id.value());
        if (past != null) {
            source.restore(past);
        }
        hasNewSource |= past == null;
        isDirty = true;
    }

    private void restart(ContainerLog log, Source truncated, long now) throws IOException {
        boolean wasLive = truncated.isLive();
        HeldFile file = truncated.endByTruncation();
        Source again = Source.open(truncated.origin(), file, now);
        again.setLive(wasLive, now);
        log.sources().add(again);
        if (truncated.id() == null) {
            log.sources().remove(truncated);
        }
        again.look(now);
        named(again);
    }

    /** Opens what an earlier run held in the folders that are in use, or were. */
    private void adoptHolds() {
        Set<Path> folders = new HashSet<>();
        dataRoots.get().forEach(root -> folders.add(HoldFolder.below(root).path()));
        logs.values()
                .forEach(log -> HoldFolder.of(log.origin().path()).ifPresent(folder -> folders.add(folder.path())));
        resume.values()
                .forEach(entry -> HoldFolder.of(Path.of(entry.path())).ifPresent(folder -> folders.add(folder.path())));
        folders.removeAll(adoptedFolders);
        for (Path folder : folders) {
            try {
                adopt(HoldFolder.at(folder));
                adoptedFolders.add(folder);
            } catch (IOException problem) {
                note(problem);
            }
        }
    }

    private void adopt(HoldFolder folder) throws IOException {
        long now = nanos.getAsLong();
        for (HoldFolder.Held held : folder.list()) {
            HeldFile file = HoldFolder.open(held);
            ContainerLog log = logFor(originOf(held));
            if (log.knows(file.key())) {
                file.close();
                continue;
            }
            log.adopt(file, now);
            lookAtSources(log, now);
            isDirty = true;
        }
    }

    private LogOrigin originOf(HoldFolder.Held held) {
        return resume.values().stream()
                .filter(entry -> entry.containerId().equals(held.containerId()))
                .findFirst()
                .map(LogOrigin::of)
                .orElseGet(() -> LogOrigin.unknown(held.containerId(), held.path()));
    }

    /** What was remembered and is not to be found: held by a descriptor only, or taken away by somebody. */
    private void declareVanished() {
        for (Checkpoint.Entry entry : resume.values()) {
            if (entry.done()) {
                continue;
            }
            Source source = Source.vanished(entry, "the file was gone when the agent started again");
            ContainerLog log = logFor(source.origin());
            log.sources().add(source);
            byId.put(new SourceId(entry.id()), source);
        }
        resume.clear();
        isDirty = true;
    }

    private boolean ship() {
        isPaced = false;
        List<Source> sources = sources();
        boolean more = false;
        // Each turn begins with another source, so that a small credit is not always spent on the same one.
        for (int i = 0; i < sources.size(); i++) {
            Source source = sources.get((int) ((i + firstTurn) % sources.size()));
            try {
                more |= shipQuantum(source);
            } catch (IOException problem) {
                note(problem);
            }
        }
        firstTurn++;
        return more;
    }

    /** Several batches of a file together: a collector acknowledges by files, and not very often. */
    private boolean shipQuantum(Source source) throws IOException {
        boolean more = true;
        for (int i = 0; more && i < QUANTUM_BATCHES; i++) {
            more = ship(source);
        }
        return more;
    }

    private boolean ship(Source source) throws IOException {
        if (source.hasLossesToTell()) {
            announce(source);
            source.tellLosses(clock.instant()).forEach(frame -> sink.send(connection, frame));
            isDirty = true;
        }
        long room = sink.room();
        boolean drained = sink.isDrained();
        if (room <= 0 || !source.hasMore()) {
            return false;
        }
        if (source.unsentBytes() < SMALL_BYTES && !pace.take(nanos.getAsLong())) {
            isPaced = true;
            return false;
        }
        Optional<Frame.LogBatch> batch = source.read(slab, room, drained, redactions, nanos.getAsLong());
        if (batch.isEmpty()) {
            return false;
        }
        announce(source);
        sink.send(connection, batch.get());
        return source.hasMore();
    }

    private void announce(Source source) {
        source.announcement(connection).ifPresent(frame -> sink.send(connection, frame));
    }

    /** Marks what is done; it is released when a checkpoint that says so is on disk. */
    private void finish() {
        long now = nanos.getAsLong();
        for (Source source : sources()) {
            if (source.isDone(now) && doneIn.putIfAbsent(source, 0L) == null) {
                isDirty = true;
            }
        }
    }

    private void release(Source source) {
        ContainerLog log = logs.get(source.origin().containerId());
        if (log == null || !source.isDone(nanos.getAsLong())) {
            return;
        }
        log.sources().remove(source);
        forget(source);
        rememberIfNamed(log, source);
        releaseFile(source);
        isDirty = true;
    }

    private void forget(Source source) {
        SourceId id = source.id();
        if (id != null && byId.remove(id, source)) {
            sink.forget(id);
        }
    }

    /** A rotated file that keeps its name would be taken for a new one at the next rotation. */
    private void rememberIfNamed(ContainerLog log, Source source) {
        try {
            Optional<HeldFile> file = source.file();
            if (file.isPresent() && file.get().otherNames() > 0) {
                source.entry(true)
                        .ifPresent(entry -> log.finished().put(file.get().key(), entry));
            }
        } catch (IOException problem) {
            note(problem);
        }
    }

    private void releaseFile(Source source) {
        try {
            if (source.file().isPresent()) {
                source.file().get().release();
            }
        } catch (IOException problem) {
            note(problem);
        }
    }

    private void tidy() {
        long now = nanos.getAsLong();
        if (now - tidiedAt < HOUSEKEEPING_NANOS) {
            return;
        }
        tidiedAt = now;
        List<Source> held = heldOnly();
        long bytes = held.stream().mapToLong(Source::size).sum();
        for (Source oldest : held) {
            if (bytes <= allowed(oldest, bytes)) {
                return;
            }
            bytes -= oldest.size();
            giveUp(oldest);
        }
    }

    private long allowed(Source source, long held) {
        try {
            Path hold = source.file().flatMap(HeldFile::hold).orElseThrow();
            FileStore disk = Files.getFileStore(hold);
            return HoldBudget.allowed(holdBytes, held, disk.getTotalSpace(), disk.getUsableSpace());
        } catch (IOException unknown) {
            return holdBytes;
        }
    }

    private void giveUp(Source source) {
        Optional<HeldFile> file = source.file();
        source.giveUp("the hold budget of " + holdBytes + " bytes, or the disk, had no room for it", false);
        isDirty = true;
        try {
            if (file.isPresent()) {
                file.get().release();
            }
        } catch (IOException problem) {
            note(problem);
        }
    }

    /** Sources whose bytes are on disk only because of their hold, oldest first. */
    private List<Source> heldOnly() {
        List<Source> held = new ArrayList<>();
        for (Source source : sources()) {
            Optional<HeldFile> file = source.file();
            if (!source.isLive() && file.isPresent() && file.get().hold().isPresent() && !doneIn.containsKey(source)) {
                try {
                    if (file.get().otherNames() == 0) {
                        held.add(source);
                    }
                } catch (IOException problem) {
                    note(problem);
                }
            }
        }
        return held;
    }

    private List<Source> sources() {
        return logs.values().stream().flatMap(log -> log.sources().stream()).toList();
    }

    /** One file's trouble never stops the others; {@code status} shows the last. */
    private void note(IOException problem) {
        problems++;
        lastProblem = problem;
    }
}
