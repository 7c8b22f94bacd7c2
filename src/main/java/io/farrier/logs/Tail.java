package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.SourceId;
import io.farrier.sample.ContainerSample;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * All sources of lines on a node, read by one thread that owns this object: {@link #turn} looks at them and sends what is
 * new while there is credit; without credit or connection they wait.
 */
public final class Tail implements Closeable {
    private static final Duration STIRRED = Duration.ofMillis(2);
    private static final Duration REST = Duration.ofMillis(100);
    private static final Duration LONG_REST = Duration.ofSeconds(1);

    private final LogScope scope;
    private final Supplier<Set<Path>> dataRoots;
    private final LongSupplier nanos;
    private final Problems problems = new Problems();
    private final Cursors cursors;
    private final Dispatch dispatch;
    private final FileSources files;

    /** Every kind, in the order in which they are read. */
    private final List<SourceKind> kinds;

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
        this.dataRoots = dataRoots;
        this.nanos = nanos;
        this.cursors = new Cursors(remembered);
        this.dispatch = new Dispatch(sink, new Redactions(redact), cursors, problems, nanos, clock);
        HeldBytes heldBytes = new HeldBytes(holdBytes, cursors, problems);
        this.files = new FileSources(mayLink, watch, cursors, dispatch, heldBytes, problems, nanos);
        this.kinds = List.of(files);
    }

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
        List<LogOrigin> listed = new ArrayList<>();
        Set<String> outOfScope = new HashSet<>();
        for (ContainerSample container : table) {
            if (!scope.decide(container).ships()) {
                outOfScope.add(container.id());
            } else if (container.logPath() != null) {
                listed.add(LogOrigin.of(container, Path.of(container.logPath())));
            }
        }
        files.list(listed, dataRoots.get());
        outOfScope.forEach(files::drop);
        if (!cursors.isResumed()) {
            files.declareVanished();
            cursors.resumed();
        }
    }

    /**
     * One round: looks at every source, then sends at most one quantum of each.
     *
     * @return true when there is more that can go at once
     */
    public boolean turn() {
        dispatch.followConnection();
        kinds.forEach(SourceKind::look);
        boolean more = dispatch.ship(sources());
        long now = nanos.getAsLong();
        sources().stream().filter(source -> source.isDone(now)).forEach(cursors::done);
        kinds.forEach(SourceKind::tidy);
        return more;
    }

    /** When to look again, if nobody calls before: soon while something happens that no watch would tell. */
    public Duration rest() {
        if (dispatch.isPaced() || kinds.stream().anyMatch(SourceKind::stirs)) {
            return STIRRED;
        }
        return !cursors.hasChanged() && kinds.stream().allMatch(SourceKind::isAtRest) ? LONG_REST : REST;
    }

    /** What the collector has on disk. */
    public void ack(SourceId id, List<ByteRange> ranges) {
        cursors.ack(id, ranges);
    }

    /** The cursors, when they have changed since the last time. The caller writes them and then says {@link #written}. */
    public Optional<Checkpoint> checkpoint() {
        return cursors.checkpoint(kinds);
    }

    /**
     * True when a source has been found since the last checkpoint. What it is called is only known while its container is
     * there, so this cannot wait as acks can.
     */
    public boolean hasNewSource() {
        return cursors.hasNewSource();
    }

    /** The last checkpoint did not reach the disk: the next call gives one out, whether or not anything changed. */
    public void remindOfCheckpoint() {
        cursors.changed();
    }

    /** A checkpoint is on disk: what it calls done need not be held any more. */
    public void written(long written) {
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
                dispatch.redactionsOff());
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
