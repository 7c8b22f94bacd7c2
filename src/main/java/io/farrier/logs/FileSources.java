package io.farrier.logs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The log files of a node. A file is held from discovery by a hard link beside the runtime's data, until the collector
 * has acknowledged all of it and a checkpoint that says so is on disk.
 */
final class FileSources implements SourceKind {
    /** Giving up bytes costs a look at each held file. */
    private static final long HOUSEKEEPING_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** After something happened more is likely: so long it is looked for, which is cheaper than to watch again. */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(6);

    /** The same where there is no hurry: what is written to every few seconds is not watched at all. */
    private static final long UNHURRIED_REST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Whatever a watch may have missed, and what only time brings about. */
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Those of which nothing is due are looked at in every so many sweeps. */
    private static final int SWEEPS_OF_QUIET_ONES = 5;

    private final LogFamily.Opening opening;
    private final Optional<FolderWatch> watch;
    private final Rhythm rhythm;
    private final Cursors cursors;
    private final Dispatch dispatch;
    private final HeldBytes heldBytes;
    private final Problems problems;
    private final LongSupplier nanos;
    private final Map<String, LogFamily> logs = new LinkedHashMap<>();
    private final Set<Path> adoptedFolders = new HashSet<>();

    /** Of these containers a file was opened once. */
    private final RecentIds seen = new RecentIds();

    private long tidiedAt;
    private long sweptAt;
    private int sweeps;
    private long grownBytes;
    private boolean stirs;

    FileSources(
            LogFamily.Opening opening,
            Optional<FolderWatch> watch,
            Rhythm rhythm,
            Cursors cursors,
            Dispatch dispatch,
            HeldBytes heldBytes,
            Problems problems,
            LongSupplier nanos) {
        this.opening = opening;
        this.watch = watch;
        this.rhythm = rhythm;
        this.cursors = cursors;
        this.dispatch = dispatch;
        this.heldBytes = heldBytes;
        this.problems = problems;
        this.nanos = nanos;
        this.tidiedAt = nanos.getAsLong();
        this.sweptAt = tidiedAt - SWEEP_NANOS;
    }

    /** The logs that are there now; what is not among them any more is read to its end. */
    void list(List<LogOrigin> listed) {
        know(listed);
        lookAtAll();
    }

    /**
     * The same for logs whose files an earlier run may have held: before anything is looked for, so that what was
     * compressed meanwhile is known for what it is.
     *
     * @param dataRoots the folders beside whose logs that may be
     */
    void list(List<LogOrigin> listed, Set<Path> dataRoots) {
        know(listed);
        adoptHolds(dataRoots);
        lookAtAll();
    }

    private void know(List<LogOrigin> listed) {
        listed.forEach(this::logFor);
        Set<String> ids = listed.stream().map(LogOrigin::containerId).collect(Collectors.toSet());
        logs.forEach((id, log) -> log.setListed(ids.contains(id)));
    }

    /**
     * Something may have been lost of a log before it came to its file.
     *
     * @return false when there is no source yet to say it of
     */
    boolean mayHaveLostMore(String containerId, String reason) {
        LogFamily log = logs.get(containerId);
        Optional<FileSource> newest = log == null
                ? Optional.empty()
                : log.sources().stream().filter(source -> source.id() != null).reduce((older, newer) -> newer);
        newest.ifPresent(source -> {
            source.mayHaveLostMore(reason);
            cursors.changed();
        });
        return newest.isPresent();
    }

    /** What is no longer in scope is neither sent nor held. */
    void drop(String containerId) {
        cursors.take(entry -> entry.containerId().equals(containerId));
        LogFamily log = logs.remove(containerId);
        if (log == null) {
            return;
        }
        cursors.changed();
        for (FileSource source : log.sources()) {
            dispatch.forget(source);
            releaseFile(source);
        }
    }

    /** True when a file of the container's was opened: of whatever it lost since, that source tells. */
    boolean hasSeen(String containerId) {
        LogFamily log = logs.get(containerId);
        return seen.contains(containerId) || (log != null && !log.sources().isEmpty());
    }

    /** Of a log whose file was never seen all may be lost. */
    void declareUnseen(LogOrigin origin, String reason) {
        FileSource source = FileSource.unseen(origin, reason);
        logFor(origin).sources().add(source);
        cursors.vanished(source);
        cursors.changed();
    }

    /** What was remembered and is not to be found: held by a descriptor only, or taken away by somebody. */
    void declareVanished() {
        for (Checkpoint.Entry entry : cursors.take(any -> true)) {
            if (entry.done()) {
                continue;
            }
            FileSource source = FileSource.vanished(entry, "the file was gone when the agent started again");
            logFor(source.origin()).sources().add(source);
            cursors.vanished(source);
        }
    }

    @Override
    public void look() {
        grownBytes = 0;
        if (watch.isPresent()) {
            lookWhereItStirs(watch.get());
        } else {
            lookAtAll();
        }
    }

    @Override
    public long grownBytes() {
        return grownBytes;
    }

    @Override
    public List<FileSource> sources() {
        return logs.values().stream().flatMap(log -> log.sources().stream()).toList();
    }

    @Override
    public List<Checkpoint.Entry> finished() {
        return logs.values().stream()
                .flatMap(log -> log.finished().values().stream())
                .toList();
    }

    @Override
    public void release(Source done) {
        LogFamily log = logs.get(done.origin().containerId());
        if (log == null || !(done instanceof FileSource source) || !source.isDone(nanos.getAsLong())) {
            return;
        }
        log.sources().remove(source);
        dispatch.forget(source);
        remember(log, source);
        releaseFile(source);
        cursors.changed();
    }

    @Override
    public void tidy() {
        long now = nanos.getAsLong();
        if (now - tidiedAt >= HOUSEKEEPING_NANOS) {
            tidiedAt = now;
            heldBytes.keepWithinBudget(sources(), now);
        }
    }

    @Override
    public boolean stirs() {
        return stirs;
    }

    @Override
    public boolean isAtRest() {
        return watch.isPresent() && logs.values().stream().allMatch(LogFamily::isQuiet);
    }

    /** Closes the descriptors; the holds stay for the next start. */
    @Override
    public void close() throws IOException {
        if (watch.isPresent()) {
            watch.get().close();
        }
        for (FileSource source : sources()) {
            if (source.file().isPresent()) {
                source.file().get().close();
            }
        }
    }

    int logCount() {
        return logs.size();
    }

    int heldByDescriptorOnly() {
        return (int) sources().stream()
                .filter(source ->
                        source.file().map(file -> file.hold().isEmpty()).orElse(false))
                .count();
    }

    long heldBytes() {
        return heldBytes.of(sources());
    }

    private LogFamily logFor(LogOrigin origin) {
        return logs.computeIfAbsent(origin.containerId(), id -> new LogFamily(origin, lastKnown(origin), opening));
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
            problems.note(problem);
        }
        if (known.isEmpty()) {
            cursors.remembered().stream()
                    .filter(entry -> entry.containerId().equals(origin.containerId()))
                    .map(Checkpoint.Entry::key)
                    .reduce((older, newer) -> newer)
                    .ifPresent(known::add);
        }
        return known;
    }

    private void lookAtAll() {
        long now = nanos.getAsLong();
        sweptAt = now;
        logs.values().forEach(log -> look(log, now));
        logs.values().removeIf(LogFamily::isOver);
    }

    private void lookWhereItStirs(FolderWatch folders) {
        long now = nanos.getAsLong();
        if (now - sweptAt >= SWEEP_NANOS) {
            sweep(now);
            folders.retain(logs.values().stream().map(LogFamily::folder).collect(Collectors.toSet()));
        }
        long restNanos = rhythm.isUnhurried() ? UNHURRIED_REST_NANOS : REST_NANOS;
        Set<Path> stirred = folders.takeStirred();
        for (LogFamily log : logs.values()) {
            if (stirred.contains(log.folder())) {
                log.stir(now);
            }
            if (log.isWatched()) {
                continue;
            }
            if (now - log.stirredAt() >= restNanos && folders.watch(log.folder())) {
                log.setWatched();
            }
            // After the watch has begun: what came before it would not be told.
            look(log, now);
            rhythm.breathe();
        }
        // Of the same moment as the watches: between two readings of the clock a folder would be neither watched nor
        // looked at.
        stirs = logs.values().stream().anyMatch(log -> !log.isWatched() && now - log.stirredAt() < restNanos);
    }

    /** Those at rest seldom: a look at a hundred files costs milliseconds. */
    private void sweep(long now) {
        if (++sweeps % SWEEPS_OF_QUIET_ONES == 0) {
            lookAtAll();
            return;
        }
        sweptAt = now;
        logs.values().stream().filter(log -> !log.isQuiet()).forEach(log -> look(log, now));
        logs.values().removeIf(LogFamily::isOver);
    }

    private void look(LogFamily log, long now) {
        try {
            boolean wasLive = log.hasLive();
            log.look(now, opened -> opened(log));
            if (wasLive && !log.hasLive()) {
                cursors.changed();
            }
            lookAtSources(log, now);
        } catch (IOException problem) {
            problems.note(problem);
        }
    }

    private void opened(LogFamily log) {
        seen.add(log.origin().containerId());
        cursors.changed();
    }

    private void lookAtSources(LogFamily log, long now) throws IOException {
        for (FileSource source : List.copyOf(log.sources())) {
            boolean hadName = source.id() != null;
            long before = source.size();
            if (source.look(now)) {
                log.stir(now);
                grownBytes += source.size() - before;
            }
            if (source.isTruncated()) {
                restart(log, source, now);
            } else if (!hadName) {
                cursors.named(source);
            }
        }
    }

    private void restart(LogFamily log, FileSource truncated, long now) throws IOException {
        cursors.changedUrgently();
        boolean wasLive = truncated.isLive();
        Optional<HeldFile> copy = copyOf(log, truncated);
        HeldFile file = copy.isPresent() ? truncated.continueIn(copy.get(), now) : truncated.endByTruncation();
        FileSource again = FileSource.open(truncated.origin(), file, now);
        again.setLive(wasLive, now);
        log.sources().add(again);
        if (truncated.id() == null) {
            log.sources().remove(truncated);
        }
        again.look(now);
        cursors.named(again);
    }

    /** A copy that holds less than what was seen is none, nor is what was rotated there meanwhile. */
    private static Optional<HeldFile> copyOf(LogFamily log, FileSource truncated) throws IOException {
        Optional<HeldFile> copy = log.copyOf(truncated);
        if (copy.isEmpty()) {
            return copy;
        }
        LogBytes content = copy.get().content();
        boolean isLonger = content.size() >= truncated.size() || !content.isWhole();
        Optional<FileFingerprint> head = FileFingerprint.read(content, true);
        if (isLonger && head.isPresent() && truncated.hasSameHead(head.get())) {
            return copy;
        }
        content.close();
        return Optional.empty();
    }

    private void adoptHolds(Set<Path> dataRoots) {
        Set<Path> folders = new HashSet<>();
        dataRoots.forEach(root -> folders.add(HoldFolder.below(root).path()));
        logs.values()
                .forEach(log -> HoldFolder.of(log.origin().path()).ifPresent(folder -> folders.add(folder.path())));
        cursors.remembered()
                .forEach(entry -> HoldFolder.of(Path.of(entry.path())).ifPresent(folder -> folders.add(folder.path())));
        folders.removeAll(adoptedFolders);
        for (Path folder : folders) {
            try {
                adopt(HoldFolder.at(folder));
                adoptedFolders.add(folder);
            } catch (IOException problem) {
                problems.note(problem);
            }
        }
    }

    private void adopt(HoldFolder folder) throws IOException {
        long now = nanos.getAsLong();
        for (HoldFolder.Held held : folder.list()) {
            LogFamily log = logFor(originOf(held));
            HeldFile file = HoldFolder.open(held, log.origin().path(), opening.inflaters());
            if (log.knows(file.key())) {
                file.close();
                continue;
            }
            log.adopt(file, now);
            lookAtSources(log, now);
            cursors.changed();
        }
    }

    private LogOrigin originOf(HoldFolder.Held held) {
        return cursors.remembered().stream()
                .filter(entry -> entry.containerId().equals(held.containerId()))
                .findFirst()
                .map(LogOrigin::of)
                .orElseGet(() -> LogOrigin.unknown(held.containerId(), held.path()));
    }

    /** A rotated file would be taken for a new one at the next rotation, under its own name or compressed. */
    private static void remember(LogFamily log, FileSource source) {
        Optional<HeldFile> file = source.file();
        if (file.isPresent() && log.hasLive()) {
            source.entry(true).ifPresent(entry -> log.finished().put(file.get().key(), entry));
        }
    }

    private void releaseFile(FileSource source) {
        try {
            if (source.file().isPresent()) {
                source.file().get().release();
            }
        } catch (IOException problem) {
            problems.note(problem);
        }
    }
}
