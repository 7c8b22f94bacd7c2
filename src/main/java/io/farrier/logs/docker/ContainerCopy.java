package io.farrier.logs.docker;

import io.farrier.logs.copied.CopiedFile;
import io.farrier.logs.copied.CopiedFiles;
import io.farrier.logs.copied.CriLines;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.State;
import io.farrier.transport.GrowingPause;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The copying of one container's log: an answer of dockerd that is read, or when to ask for the next one. */
final class ContainerCopy implements Closeable {
    /** dockerd has nothing more: while it looks through its files it is silent too, but never for so long. */
    static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Of one turn, so that all containers have theirs. */
    private static final int MAX_TURN_BYTES = 256 << 10;

    private final String id;
    private final long since;
    private Marks marks;
    private boolean hasEnd;
    private @Nullable String loss;

    /** As its runtime shows it; null when it is not there any more, or was not seen yet. */
    private @Nullable ContainerSample container;

    /** Started then, it was read to its end after it had stopped. */
    private Optional<Instant> endOf = Optional.empty();

    private boolean isRemoved;
    private boolean isRetired;
    private @Nullable LineStream lines;
    private Rejoin out = Rejoin.atOnce();
    private Rejoin err = Rejoin.atOnce();
    private long heardAt;
    private long retryAt;
    private final GrowingPause pause = new GrowingPause(Duration.ofSeconds(1), Duration.ofMinutes(1));
    private @Nullable String unreadable;

    ContainerCopy(String id, ContainerPosition restored, long now) {
        this.id = id;
        this.since = restored.since();
        this.marks = restored.marks();
        this.hasEnd = restored.hasEnd();
        this.loss = restored.loss();
        this.heardAt = now;
        this.retryAt = now;
    }

    String id() {
        return id;
    }

    ContainerPosition position(CopiedFile.@Nullable End file) {
        return new ContainerPosition(since, marks, file, hasEnd, loss);
    }

    /** What dockerd said when asked for a log that it does not keep. */
    Optional<String> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    Optional<String> loss() {
        return Optional.ofNullable(loss);
    }

    void lossIsTold() {
        loss = null;
    }

    void isThere(ContainerSample seen) {
        container = seen;
        isRemoved = false;
    }

    void isRemoved() {
        container = null;
        isRemoved = true;
    }

    /** True when nothing more can be read, ever. */
    boolean isOver() {
        return isRemoved && lines == null;
    }

    /** Its file is put aside, and will go when the collector has it. */
    boolean isRetired() {
        return isRetired;
    }

    void retire() {
        isRetired = true;
    }

    /** It is over: what was not read is gone. */
    void end() {
        if (!hasEnd && unreadable == null) {
            lose("the container was removed before all of its log had been read from Docker");
        }
        hasEnd = true;
    }

    boolean isQuiet(long now) {
        return now - heardAt >= SILENCE_NANOS;
    }

    /** True when the last line of a stream goes on. */
    boolean isWithinLine() {
        return marks.isWithinLine();
    }

    /** True when it is time to ask dockerd. */
    boolean isDue(long now) {
        ContainerSample seen = container;
        return seen != null
                && lines == null
                && unreadable == null
                && now - retryAt >= 0
                && seen.state() != State.CREATED
                && (isRunning(seen) || !hasEnd || !endOf.equals(seen.startedAt()));
    }

    /** @throws IOException with dockerd's words, or why there is no answer */
    void open(DockerLogs docker, long now) throws IOException {
        ContainerSample seen = container;
        if (seen == null) {
            return;
        }
        Instant from = marks.since().orElseGet(() -> Instant.ofEpochSecond(since));
        try {
            Optional<LineStream> opened = docker.open(id, from, isRunning(seen));
            if (opened.isEmpty()) {
                // The next table of containers will not have it.
                rest(now);
                return;
            }
            lines = opened.get();
        } catch (UnreadableLogException words) {
            unreadable = String.valueOf(words.getMessage());
            return;
        }
        heardAt = now;
        hasEnd = false;
        endOf = isRunning(seen) ? Optional.empty() : seen.startedAt();
        out = marks.rejoin(false, from);
        err = marks.rejoin(true, from);
    }

    /**
     * Appends what there is, without waiting for more.
     *
     * @return true when there is more
     */
    boolean copy(CopiedFiles files, long now) throws IOException {
        LineStream open = lines;
        if (open == null) {
            return false;
        }
        Fresh fresh = new Fresh(marks);
        boolean more = true;
        try {
            while (more && fresh.bytes.size() < MAX_TURN_BYTES) {
                Optional<LogPiece> piece = open.next();
                more = piece.isPresent();
                piece.map(this::rejoined).ifPresent(fresh::add);
                heardAt = more ? now : heardAt;
            }
            if (!more && (open.hasEnded() || isQuiet(now))) {
                fresh.add(lateOnes());
            }
        } finally {
            // What came before a break counts: it may come no further the next time either.
            append(fresh, files);
        }
        if (!more && open.hasEnded()) {
            hasEnd = true;
            stop(now);
        } else if (!more && isRemoved && isQuiet(now)) {
            stop(now);
        }
        return more;
    }

    /** What one turn brought. */
    private static final class Fresh {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Marks marks;

        Fresh(Marks marks) {
            this.marks = marks;
        }

        void add(List<LogPiece> pieces) {
            for (LogPiece piece : pieces) {
                marks = marks.with(piece);
                bytes.writeBytes(new CriLines(Stamp.utc(piece.time()), piece.isStderr())
                        .add(piece.text(), piece.isWhole())
                        .bytes());
            }
        }
    }

    private void append(Fresh fresh, CopiedFiles files) throws IOException {
        if (fresh.bytes.size() > 0) {
            files.append(id, fresh.bytes.toByteArray());
            marks = fresh.marks;
            pause.reset();
        }
    }

    /** It is asked for again after a pause, each time a longer one. */
    void stop(long now) {
        close();
        lines = null;
        rest(now);
    }

    /** It is asked for again as soon as there is room. */
    void waitForRoom() {
        close();
        lines = null;
    }

    @Override
    public void close() {
        if (lines != null) {
            lines.close();
        }
    }

    private void rest(long now) {
        retryAt = now + pause.next().toNanos();
    }

    private List<LogPiece> rejoined(LogPiece piece) {
        Rejoin stream = piece.isStderr() ? err : out;
        List<LogPiece> unread = stream.take(piece);
        loseIfLost(stream);
        return unread;
    }

    private List<LogPiece> lateOnes() {
        List<LogPiece> late = new ArrayList<>(out.end());
        late.addAll(err.end());
        loseIfLost(out);
        loseIfLost(err);
        return late;
    }

    private void loseIfLost(Rejoin stream) {
        if (stream.isLost()) {
            lose("Docker no longer has the last line that was read of it, nor perhaps others that followed");
        }
    }

    private void lose(String reason) {
        loss = loss == null ? reason : loss;
    }

    private static boolean isRunning(ContainerSample seen) {
        return seen.state() == State.RUNNING || seen.state() == State.PAUSED;
    }
}
