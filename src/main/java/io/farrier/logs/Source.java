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

    /** Acknowledged or under way on this connection. */
    private ByteRanges taken = new ByteRanges();

    private final ByteRanges lost = new ByteRanges();
    private @Nullable HeldFile file;
    private @Nullable FileFingerprint fingerprint;
    private @Nullable SourceId id;
    private @Nullable FileKey key;
    private boolean live = true;
    private boolean truncated;
    private boolean mayHaveLostMore;
    private long size;
    private long grewAt;

    /** What is written now goes before what waits, when more than this does. */
    static final int BACKLOG_BYTES = 4 << 20;

    /** No runtime splits a line into pieces of less; the live part begins behind a line that is no such piece. */
    private static final int MIN_PIECE_BYTES = 8 << 10;

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

    /**
     * Looks how long the file is now; without a whole first line it has no name yet.
     *
     * @return true when it has changed
     */
    boolean look(long now) throws IOException {
        if (file == null) {
            return false;
        }
        long length = file.channel().size();
        if (length < size) {
            truncated = true;
            return true;
        }
        boolean hasGrown = length > size;
        if (hasGrown) {
            size = length;
            grewAt = now;
        }
        if (fingerprint == null) {
            fingerprint = FileFingerprint.read(file.channel(), isSettled(now)).orElse(null);
            id = fingerprint == null ? null : fingerprint.sourceId(file.key());
        }
        return hasGrown;
    }

    void restore(Checkpoint.Entry entry) {
        entry.acked().forEach(this::ack);
        entry.lost().forEach(lost::add);
        mayHaveLostMore = entry.mayHaveLostMore();
        size = Math.max(size, entry.size());
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
        lossReason = lossReason.isEmpty() ? "declared before the agent was started again" : lossReason;
    }

    /** A new connection: all that is not acknowledged is to be sent again, or declared lost when it cannot be read. */
    void rewind() {
        taken = ByteRanges.of(acked.toList());
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
        if (file == null) {
            loseWhatIsUnderWay();
        }
    }

    void ack(ByteRange range) {
        acked.add(range);
        taken.add(range);
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
        return id != null && file != null && !truncated && taken.firstMissing(0) < size;
    }

    /** What is neither with the collector nor on its way there. */
    long unsentBytes() {
        return size - taken.bytes();
    }

    /**
     * The next whole lines, at most {@code room} bytes. A line that is longer than the slab comes alone, up to the
     * largest body a frame carries. The body is lent, so the batch must be used before the next one is read.
     *
     * @param anyLength true when one line may be longer than {@code room}
     */
    Optional<Frame.LogBatch> read(ByteBuffer slab, long room, boolean anyLength, Redactions redactions, long now)
            throws IOException {
        HeldFile open = file;
        if (open == null || !hasMore()) {
            return Optional.empty();
        }
        for (ByteRange part : partsByUrgency(open)) {
            Optional<Frame.LogBatch> batch = read(open, part, slab, room, anyLength, redactions, now);
            if (batch.isPresent() || truncated) {
                return batch;
            }
        }
        return Optional.empty();
    }

    /** What is written now, then what waits from the oldest on: DESIGN's set of ranges is two until they meet. */
    private List<ByteRange> partsByUrgency(HeldFile open) throws IOException {
        List<ByteRange> missing = taken.missingFrom(new ByteRange(0, size));
        ByteRange first = missing.get(0);
        if (missing.size() > 1) {
            return List.of(missing.get(missing.size() - 1), first);
        }
        boolean isLong = first.to() == size && first.length() > BACKLOG_BYTES;
        long split = live && isLong ? lineStartAfter(open, size - SLAB_BYTES) : -1;
        return split < 0
                ? List.of(first)
                : List.of(new ByteRange(split, first.to()), new ByteRange(first.from(), split));
    }

    /** Where a line begins that continues no other, -1 when there is none near. */
    private static long lineStartAfter(HeldFile open, long at) throws IOException {
        ByteBuffer near = ByteBuffer.allocate(2 * MIN_PIECE_BYTES);
        while (near.hasRemaining() && open.channel().read(near, at + near.position()) > 0) {
            // Until it is full or the file ends.
        }
        int last = -1;
        for (int i = 0; i < near.position(); i++) {
            if (near.get(i) == '\n') {
                if (last >= 0 && i - last < MIN_PIECE_BYTES) {
                    return at + i + 1;
                }
                last = i;
            }
        }
        return -1;
    }

    private Optional<Frame.LogBatch> read(
            HeldFile open,
            ByteRange part,
            ByteBuffer slab,
            long room,
            boolean anyLength,
            Redactions redactions,
            long now)
            throws IOException {
        FileFingerprint print = fingerprint;
        SourceId name = id;
        if (print == null || name == null) {
            return Optional.empty();
        }
        long next = part.from();
        long end = part.to();
        boolean endIsBoundary = end < size || isSettled(now);

        ByteBuffer body = fill(open, slab, next, Math.min(end - next, Math.min(room, slab.capacity())));
        int whole = endOfLastLine(body);
        if (whole == 0 && next + body.limit() < end) {
            body = fill(open, longLine(end - next, anyLength ? Long.MAX_VALUE : room), next, Long.MAX_VALUE);
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
        ByteBuffer hidden = redactions.hide(origin.form(), open.channel(), next, body, mayWait(now));
        if (!hidden.hasRemaining()) {
            return Optional.empty();
        }
        ByteRange taking = new ByteRange(next, next + hidden.remaining());
        taken.add(taking);
        return Optional.of(new Frame.LogBatch(name, taking.from(), taking.to(), LineCount.of(hidden), hidden));
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
        if (size > 0) {
            taken.missingFrom(new ByteRange(0, size)).forEach(lost::add);
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
        if (live) {
            return false;
        }
        boolean complete = size == 0 || acked.covers(new ByteRange(0, size));
        boolean nothingToTell = !mayHaveLostMore || id == null;
        return complete && nothingToTell && (file == null || isSettled(now)) && !truncated;
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

    private static ByteBuffer longLine(long length, long room) {
        return ByteBuffer.allocate((int) Math.min(length, Math.min(room, FrameCodec.MAX_BODY_BYTES)));
    }

    private static ByteBuffer fill(HeldFile open, ByteBuffer into, long from, long max) throws IOException {
        into.clear().limit((int) Math.min(into.capacity(), max));
        while (into.hasRemaining()) {
            if (open.channel().read(into, from + into.position()) < 0) {
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
}
