package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One log file from its discovery until the collector has all of it. What is not acknowledged is read again; what
 * cannot be read again is declared lost.
 */
final class Source {
    /** Reused for all reading; a batch is at most this, or one longer line. */
    static final int SLAB_BYTES = 256 << 10;

    /**
     * How long a rotated or removed file must rest before it counts as finished: containerd writes to the renamed file
     * until the kubelet asks it to reopen.
     */
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long PIECE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LogOrigin origin;
    private final ByteRanges acked = new ByteRanges();
    private final ByteRanges lost = new ByteRanges();
    private @Nullable HeldFile file;
    private @Nullable FileFingerprint fingerprint;
    private @Nullable SourceId id;
    private @Nullable FileKey key;
    private boolean live = true;
    private boolean truncated;
    private boolean mayHaveLostMore;
    private long size;
    private long next;
    private long grewAt;

    /** The connection on which it was announced, and its losses declared. */
    private long announcedOn = LogSink.NONE;

    private boolean lossesTold = true;
    private String lossReason = "";

    private Source(LogOrigin origin) {
        this.origin = origin;
    }

    static Source open(LogOrigin origin, HeldFile file, long now) {
        Source source = new Source(origin);
        source.file = file;
        source.key = file.key();
        source.grewAt = now;
        return source;
    }

    /** A source whose file is not there any more: what was not acknowledged is lost. */
    static Source vanished(Checkpoint.Entry entry, String reason) {
        Source source = new Source(LogOrigin.of(entry));
        source.id = new SourceId(entry.id());
        source.key = new FileKey(entry.device(), entry.inode());
        source.live = false;
        source.restore(entry);
        source.giveUp(reason, true);
        source.loseWhatIsUnderWay();
        return source;
    }

    LogOrigin origin() {
        return origin;
    }

    @Nullable
    SourceId id() {
        return id;
    }

    boolean isOf(FileKey other) {
        return file != null && other.equals(key);
    }

    boolean isReadable() {
        return file != null;
    }

    boolean isTruncated() {
        return truncated;
    }

    void setLive(boolean isLive, long now) {
        if (live && !isLive) {
            grewAt = now;
        }
        live = isLive;
    }

    /** Looks how long the file is now; without a whole first line it has no name yet. */
    void look(long now) throws IOException {
        if (file == null) {
            return;
        }
        long length = file.channel().size();
        if (length < size) {
            truncated = true;
            return;
        }
        if (length > size) {
            size = length;
            grewAt = now;
        }
        if (fingerprint == null) {
            fingerprint = FileFingerprint.read(file.channel(), isSettled(now)).orElse(null);
            id = fingerprint == null ? null : fingerprint.sourceId(file.key());
        }
    }

    void restore(Checkpoint.Entry entry) {
        entry.acked().forEach(acked::add);
        entry.lost().forEach(lost::add);
        mayHaveLostMore = entry.mayHaveLostMore();
        size = Math.max(size, entry.size());
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
        lossReason = lossReason.isEmpty() ? "declared before the agent was started again" : lossReason;
    }

    /** A new connection: all that is not acknowledged is to be sent again, or declared lost when it cannot be read. */
    void rewind() {
        next = 0;
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
        if (file == null) {
            loseWhatIsUnderWay();
        }
    }

    void ack(ByteRange range) {
        acked.add(range);
    }

    /** Its name and origin, once on each connection, before anything else of it. */
    Optional<Frame> announcement(long connection) {
        if (announcedOn == connection || id == null) {
            return Optional.empty();
        }
        announcedOn = connection;
        return Optional.of(origin.announce(id));
    }

    boolean hasLossesToTell() {
        return id != null && !lossesTold;
    }

    /** Declares each lost range until it is acknowledged; a loss of unknown size is told once. */
    List<Frame> tellLosses(Instant at) {
        lossesTold = true;
        if (id == null) {
            return List.of();
        }
        List<Frame> frames = new ArrayList<>();
        for (ByteRange range : lost.toList()) {
            for (ByteRange open : acked.missingFrom(range)) {
                frames.add(new Frame.Lost(id, open.from(), open.to(), lossReason, at));
            }
        }
        if (mayHaveLostMore) {
            mayHaveLostMore = false;
            frames.add(new Frame.Lost(id, size, Frame.Lost.UNKNOWN, lossReason, at));
        }
        return frames;
    }

    boolean hasMore() {
        return id != null && file != null && !truncated && acked.firstMissing(next) < size;
    }

    /**
     * The next whole lines, at most {@code room} bytes. A line that is longer than the slab comes alone, up to the
     * largest body a frame carries. The body is the slab, so the batch must be used before the next one is read.
     *
     * @param anyLength true when one line may be longer than {@code room}
     */
    Optional<Frame.LogBatch> read(ByteBuffer slab, long room, boolean anyLength, Redactions redactions, long now)
            throws IOException {
        HeldFile open = file;
        FileFingerprint print = fingerprint;
        SourceId name = id;
        if (open == null || print == null || name == null || !hasMore()) {
            return Optional.empty();
        }
        next = acked.firstMissing(next);
        long end = acked.missingFrom(new ByteRange(next, size)).get(0).to();
        boolean endIsBoundary = end < size || isSettled(now);

        ByteBuffer body = fill(open, slab, Math.min(end - next, Math.min(room, slab.capacity())));
        int whole = endOfLastLine(body);
        if (whole == 0 && next + body.limit() < end) {
            body = fill(open, longLine(end, anyLength ? Long.MAX_VALUE : room), Long.MAX_VALUE);
            int line = endOfFirstLine(body);
            whole = line > 0 ? line : body.limit() == FrameCodec.MAX_BODY_BYTES ? body.limit() : 0;
        }
        if (whole == 0 && endIsBoundary && next + body.limit() == end) {
            whole = body.limit();
        }
        // Only after reading: a file that still begins as it did was the same one while it was read.
        if (open.channel().size() < size || !print.matches(open.channel())) {
            truncated = true;
            return Optional.empty();
        }
        if (whole == 0) {
            return Optional.empty();
        }
        body.limit(whole);
        whole = redactions.hide(origin.form(), open.channel(), next, body, mayWait(now));
        if (whole == 0) {
            return Optional.empty();
        }
        body.limit(whole);
        long from = next;
        next += whole;
        return Optional.of(new Frame.LogBatch(name, from, next, lines(body), body.asReadOnlyBuffer()));
    }

    /** The file was truncated in place: this source ends, another begins with the same file, which is given back. */
    HeldFile endByTruncation() {
        HeldFile given = Objects.requireNonNull(file, "only a file that is open is found truncated");
        giveUp("the file was truncated in place; what was written last may never have been seen", true);
        truncated = false;
        return given;
    }

    /** Another file may have come and gone between this one and what is there now. */
    void mayHaveLostMore(String reason) {
        mayHaveLostMore = true;
        lossesTold = false;
        lossReason = reason;
    }

    /** What was not sent is lost now; what is under way is lost when the connection breaks before its ack. */
    void giveUp(String reason, boolean mayBeMore) {
        lossReason = reason;
        if (next < size) {
            acked.missingFrom(new ByteRange(next, size)).forEach(lost::add);
        }
        lossesTold = lost.isEmpty() && !mayBeMore;
        mayHaveLostMore |= mayBeMore;
        live = false;
        file = null;
    }

    private void loseWhatIsUnderWay() {
        if (size > 0) {
            acked.missingFrom(new ByteRange(0, size)).forEach(lost::add);
        }
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
    }

    Optional<HeldFile> file() {
        return Optional.ofNullable(file);
    }

    long size() {
        return size;
    }

    /** What the collector does not have yet. */
    long waitingBytes() {
        return size - acked.bytes();
    }

    boolean isLive() {
        return live;
    }

    /** True when the collector has all of it and nothing more will come. */
    boolean isDone(long now) {
        boolean complete = size == 0 || acked.covers(new ByteRange(0, size));
        boolean nothingToTell = !mayHaveLostMore || id == null;
        return !live && complete && nothingToTell && (file == null || isSettled(now)) && !truncated;
    }

    Optional<Checkpoint.Entry> entry(boolean done) {
        if (id == null || key == null) {
            return Optional.empty();
        }
        return Optional.of(new Checkpoint.Entry(
                id.value(),
                origin.containerId(),
                origin.container(),
                origin.form(),
                origin.path().toString(),
                origin.labels(),
                key.device(),
                key.inode(),
                size,
                acked.toList(),
                lost.toList(),
                mayHaveLostMore,
                done));
    }

    private boolean isSettled(long now) {
        return !live && now - grewAt >= SETTLE_NANOS;
    }

    /** The rest of a split line is written with it, unless its container ended without a line feed. */
    private boolean mayWait(long now) {
        return live && now - grewAt < PIECE_PATIENCE_NANOS;
    }

    private ByteBuffer longLine(long end, long room) {
        return ByteBuffer.allocate((int) Math.min(end - next, Math.min(room, FrameCodec.MAX_BODY_BYTES)));
    }

    private ByteBuffer fill(HeldFile open, ByteBuffer into, long max) throws IOException {
        into.clear().limit((int) Math.min(into.capacity(), max));
        while (into.hasRemaining()) {
            if (open.channel().read(into, next + into.position()) < 0) {
                break;
            }
        }
        return into.flip();
    }

    private static int endOfLastLine(ByteBuffer body) {
        for (int i = body.limit() - 1; i >= 0; i--) {
            if (body.get(i) == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    private static int endOfFirstLine(ByteBuffer body) {
        for (int i = 0; i < body.limit(); i++) {
            if (body.get(i) == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    private static int lines(ByteBuffer body) {
        int lines = 0;
        for (int i = 0; i < body.limit(); i++) {
            if (body.get(i) == '\n') {
                lines++;
            }
        }
        return body.get(body.limit() - 1) == '\n' ? lines : lines + 1;
    }
}
