package io.farrier.logs;

import io.farrier.feed.Frame;
import io.farrier.logs.copied.Loss;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.State;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
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
import java.util.stream.Stream;

/**
 * All sources of lines on a node, read by one thread that owns this object: {@link #turn} looks at them and sends what is
 * new while there is credit; without credit or connection they wait.
 */
public final class Tail implements Closeable {
    private static final Duration STIRRED = Duration.ofMillis(2);
    private static final Duration REST = Duration.ofMillis(100);
    private static final Duration LONG_REST = Duration.ofSeconds(1);

    /** Between turns where nobody is in a hurry: each costs several threads a millisecond, however little was written. */
    private static final Duration UNHURRIED_REST = Duration.ofSeconds(1);

    /** The same while much is written: files that are put aside again and again must not come and go between two turns. */
    private static final Duration UNHURRIED_REST_OF_MUCH = Duration.ofMillis(100);

    private static final long MUCH_BYTES = 128 << 10;

    /** New files are found within this; what is written to those that are known is seen at once. */
    private static final long FIND_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** As many as a finding can name. */
    private static final int MAX_NAMED = 10;

    private final LogScope scope;
    private final PlainFiles plainFiles;
    private final Supplier<Set<Path>> dataRoots;
    private final LongSupplier nanos;
    private final Problems problems = new Problems();
    private final Rhythm rhythm = new Rhythm();
    private final Cursors cursors;
    private final Dispatch dispatch;
    private final FileSources files;
    private final HeldBytes heldBytes;
    private final GzipBytes.Inflaters inflaters;
    private Optional<CopySources> copied = Optional.empty();

    /** Every kind, in the order in which they are read. */
    private final List<SourceKind> kinds = new ArrayList<>();

    private List<LogOrigin> ofContainers = List.of();
    private List<LogOrigin> plain = List.of();
    private List<ContainerSample> withoutFile = List.of();
    private final RecentIds wereWithoutFile = new RecentIds();
    private Set<String> outOfScope = Set.of();
    private long foundAt;

    /**
     * What is read, and how much of it at most.
     *
     * @param holdBytes on disk only because they are held
     * @param historyBytes of what was rotated before a log was first seen
     * @param nodeRate bytes per second, 0 for no limit
     * @param logRate the same for each log
     * @param redact expressions of what must not leave the node, beside the built-in ones
     * @param root of the node's files, where the kubelet's configuration lies
     */
    public record Wanted(
            LogScope scope,
            PlainFiles files,
            long holdBytes,
            long historyBytes,
            long nodeRate,
            long logRate,
            List<String> redact,
            Path root) {}

    /**
     * @param remembered the entries of the last checkpoint
     * @param dataRoots the folders beside whose logs earlier runs may have held something, as far as they are known by now
     * @param mayLink false where nothing may be written beside the runtime's data (mode {@code observe}): files are then
     *     held by their descriptors only, and a kill may cost what was rotated away and not acknowledged
     * @param nanos a monotonic clock
     * @param watch what tells of changes in folders; without it every turn looks at every file
     */
    public Tail(
            Wanted wanted,
            List<Checkpoint.Entry> remembered,
            Supplier<Set<Path>> dataRoots,
            BooleanSupplier mayLink,
            LogSink sink,
            LongSupplier nanos,
            Clock clock,
            Optional<FolderWatch> watch) {
        this.scope = wanted.scope();
        this.plainFiles = wanted.files();
        this.dataRoots = dataRoots;
        this.nanos = nanos;
        long now = nanos.getAsLong();
        this.foundAt = now;
        this.cursors = new Cursors(remembered, rhythm);
        Rates rates = new Rates(wanted.nodeRate(), wanted.logRate(), now);
        this.dispatch =
                new Dispatch(sink, new Redactions(wanted.redact()), rates, rhythm, cursors, problems, nanos, clock);
        this.heldBytes =
                new HeldBytes(wanted.holdBytes(), () -> EvictionThresholds.read(wanted.root()), cursors, problems);
        this.inflaters = new GzipBytes.Inflaters();
        LogFamily.Opening opening =
                new LogFamily.Opening(mayLink, wanted.historyBytes(), false, inflaters, cursors::remembered);
        this.files = new FileSources(opening, watch, rhythm, cursors, dispatch, heldBytes, problems, nanos);
        this.kinds.add(files);
    }

    /**
     * What is being tailed, for {@code status}.
     *
     * @param unread containers in scope whose lines cannot be had, at most {@link Tail#MAX_NAMED}
     */
    public record Status(
            int containers,
            int sources,
            int heldByDescriptorOnly,
            long heldBytes,
            long waitingBytes,
            int problems,
            Optional<String> lastProblem,
            List<String> redactionsOff,
            List<String> unread) {}

    /** The table of containers as it is now; those in scope are tailed, those that left are read to their end. */
    public void containers(List<ContainerSample> table) {
        List<LogOrigin> listed = new ArrayList<>();
        Set<String> out = new HashSet<>();
        List<ContainerSample> without = new ArrayList<>();
        for (ContainerSample container : table) {
            if (!scope.decide(container).ships()) {
                out.add(container.id());
            } else if (container.logPath() != null) {
                listed.add(LogOrigin.of(container, LogOrigin.withoutLink(Path.of(container.logPath()))));
            } else {
                without.add(container);
            }
        }
        withoutFile = List.copyOf(without);
        // Docker names a container's file when it starts it.
        without.stream()
                .filter(container -> container.state() != State.CREATED)
                .forEach(container -> wereWithoutFile.add(container.id()));
        outOfScope = Set.copyOf(out);
        ofContainers = listed;
        findPlainFiles();
        list();
        out.forEach(files::drop);
        copied.ifPresent(sources -> sources.containers(withoutFile, outOfScope));
        if (!cursors.isResumed()) {
            files.declareVanished();
            cursors.resumed();
        }
    }

    /** A container that ran is gone. When nothing of its log was ever seen, all of that may be lost. */
    public void removed(ContainerSample container) {
        if (scope.decide(container).ships()
                && !wereWithoutFile.contains(container.id())
                && !files.hasSeen(container.id())) {
            files.declareUnseen(LogOrigin.ofUnseen(container), "the container came and went before its log was seen");
        }
    }

    /** Containers in scope whose logging driver leaves no file that can be read, of the last table. */
    public List<ContainerSample> withoutFile() {
        return withoutFile;
    }

    /** Ids of containers of the last table whose lines stay on the node. */
    public Set<String> outOfScope() {
        return outOfScope;
    }

    /**
     * Files of copies are tailed too. Said before the first table of containers.
     *
     * @param watch of their own
     */
    public void readCopies(Optional<FolderWatch> watch) {
        LogFamily.Opening opening =
                new LogFamily.Opening(() -> false, Long.MAX_VALUE, true, inflaters, cursors::remembered);
        FileSources sources = new FileSources(opening, watch, rhythm, cursors, dispatch, heldBytes, problems, nanos);
        copied = Optional.of(new CopySources(sources, cursors));
        kinds.add(sources);
    }

    /** The copies that there are now; those that left are read to their end. */
    public void copies(Copies now) {
        copied.ifPresent(sources -> sources.list(now));
    }

    /**
     * The origins of copies had more than what came to their files, or may have had.
     *
     * @return those losses of which there is a source to say it of
     */
    public Set<Loss> mayHaveLost(Set<Loss> losses) {
        return copied.map(sources -> sources.mayHaveLost(losses)).orElse(Set.of());
    }

    /**
     * One round: looks at every source, then sends at most one quantum of each.
     *
     * @return true when there is more that can go at once
     */
    public boolean turn() {
        dispatch.followConnection();
        if (cursors.isResumed() && nanos.getAsLong() - foundAt >= FIND_NANOS && findPlainFiles()) {
            list();
        }
        kinds.forEach(SourceKind::look);
        boolean more = dispatch.ship(sources());
        long now = nanos.getAsLong();
        sources().stream().filter(source -> source.isDone(now)).forEach(cursors::done);
        kinds.forEach(SourceKind::tidy);
        return more;
    }

    /** @return true when there are others than before */
    private boolean findPlainFiles() {
        foundAt = nanos.getAsLong();
        List<LogOrigin> before = plain;
        try {
            plain = plainFiles.find().stream()
                    .filter(PlainFiles.Found::ships)
                    .map(found -> LogOrigin.of(found.path()))
                    .toList();
        } catch (IOException problem) {
            problems.note(problem);
        }
        return !plain.equals(before);
    }

    private void list() {
        Map<Path, LogOrigin> byPath = new LinkedHashMap<>();
        // A container's first: a pattern that names its file too does not ship it twice.
        Stream.concat(ofContainers.stream(), plain.stream())
                .forEach(origin -> byPath.putIfAbsent(origin.path(), origin));
        files.list(List.copyOf(byPath.values()), dataRoots.get());
    }

    /** When to look again, if nobody calls before: soon while something happens that no watch would tell. */
    public Duration rest() {
        if (dispatch.isPaced() || kinds.stream().anyMatch(SourceKind::stirs)) {
            return STIRRED;
        }
        return !cursors.hasChanged() && kinds.stream().allMatch(SourceKind::isAtRest) ? LONG_REST : REST;
    }

    /** When not to look again before, whatever comes; zero where a turn is worth its cost. */
    public Duration leastRest() {
        if (!rhythm.isUnhurried() || kinds.stream().noneMatch(SourceKind::stirs)) {
            return Duration.ZERO;
        }
        boolean isMuch = kinds.stream().mapToLong(SourceKind::grownBytes).sum() >= MUCH_BYTES;
        return isMuch ? UNHURRIED_REST_OF_MUCH : UNHURRIED_REST;
    }

    /**
     * Whether turns come in a rhythm while something is written, instead of whenever it is, and leave the processor to others
     * between two batches. The first line after a rest does not wait.
     */
    public void unhurried(boolean unhurried) {
        rhythm.unhurried(unhurried);
    }

    /** What the collector has on disk. */
    public void ack(Frame.Ack ack) {
        cursors.ack(ack);
    }

    /** The cursors, when they have changed since the last time. The caller writes them and then says {@link #written}. */
    public Optional<Checkpoint> checkpoint() {
        return cursors.checkpoint(kinds);
    }

    /** True when the next checkpoint says why something was given up, which nobody knows but us. */
    public boolean isUrgent() {
        return cursors.isUrgent();
    }

    /** True when the next checkpoint says what a new source is called, which is only known while its container is there. */
    public boolean hasNewNames() {
        return cursors.hasNewNames();
    }

    /** The last checkpoint did not reach the disk: the next call gives one out, whether or not anything changed. */
    public void remindOfCheckpoint() {
        cursors.changed();
    }

    /** A checkpoint is on disk: what it calls done need not be held any more. */
    public void written(long written) {
        heldBytes.written(written);
        cursors.doneBy(written).forEach(done -> kinds.forEach(kind -> kind.release(done)));
    }

    public Status status() {
        List<Source> sources = sources();
        return new Status(
                files.logCount(),
                sources.size(),
                files.heldByDescriptorOnly(),
                files.heldBytes(),
                sources.stream().mapToLong(Source::waitingBytes).sum(),
                problems.count(),
                problems.last(),
                dispatch.redactionsOff(),
                withoutFile.stream()
                        .filter(container -> copied.map(copies -> copies.lacks(container.id()))
                                .orElse(true))
                        .limit(MAX_NAMED)
                        .map(ContainerNames::full)
                        .toList());
    }

    /** Closes the descriptors; the holds stay for the next start. */
    @Override
    public void close() throws IOException {
        for (SourceKind kind : kinds) {
            kind.close();
        }
    }

    private List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        kinds.forEach(kind -> sources.addAll(kind.sources()));
        return sources;
    }
}
