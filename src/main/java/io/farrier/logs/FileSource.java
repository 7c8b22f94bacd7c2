package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One log file, whatever it is renamed to. */
final class FileSource implements Source {
    /**
     * How long a rotated or removed file must rest before it counts as finished: containerd writes to the renamed file
     * until the kubelet asks it to reopen.
     */
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long PIECE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int MAX_ID_CHARS = 32;

    private static final FileKey NO_FILE = new FileKey(0, 0);

    private final LogOrigin origin;
    private final Delivery delivery = new Delivery();
    private @Nullable HeldFile file;
    private @Nullable FileFingerprint fingerprint;
    private @Nullable SourceId id;
    private @Nullable FileKey key;
    private boolean live = true;

    /** An earlier run saw it live, or did not come to write down what it saw; nobody has looked since. */
    private boolean wasLive;

    private boolean truncated;
    private long size;
    private long grewAt;

    /** What is written now goes before what waits, when more than this does. */
    static final int BACKLOG_BYTES = 4 << 20;

    /** No runtime splits a line into pieces of less; the live part begins behind a line that is no such piece. */
    private static final int MIN_PIECE_BYTES = 8 << 10;

    private FileSource(LogOrigin origin) {
        this.origin = origin;
    }

    static FileSource open(LogOrigin origin, HeldFile file, long now) {
        FileSource source = new FileSource(origin);
        source.file = file;
        source.key = file.key();
        source.grewAt = now;
        return source;
    }

    /** A file that an earlier run held. What that wrote down of it is known when it has a name. */
    static FileSource adopted(LogOrigin origin, HeldFile file, long now) {
        FileSource source = open(origin, file, now);
        source.live = false;
        source.wasLive = true;
        return source;
    }

    /**
     * A file that holds the lines of one that is gone, compressed or copied: the same source.
     *
     * @param gone the file by which the source was known
     */
    static FileSource openFor(FileKey gone, LogOrigin origin, HeldFile file, long now) {
        FileSource source = open(origin, file, now);
        source.key = gone;
        return source;
    }

    /**
     * A source whose file is not there any more: what was not acknowledged is lost.
     *
     * @param reason if it was not given up before, for a reason that is known
     */
    static FileSource vanished(Checkpoint.Entry entry, String reason) {
        FileSource source = new FileSource(LogOrigin.of(entry));
        source.id = new SourceId(entry.id());
        source.key = new FileKey(entry.device(), entry.inode());
        source.live = false;
        source.restore(entry);
        source.giveUp(reason, entry.givenUp() == null);
        source.delivery.loseWhatIsUnderWay(source.size);
        return source;
    }

    /** A source of which nobody knows more than that it was there. It is named by its container: there is one at most. */
    static FileSource unseen(LogOrigin origin, String reason) {
        FileSource source = new FileSource(origin);
        String id = origin.containerId();
        source.id = new SourceId(id.length() <= MAX_ID_CHARS ? id : id.substring(0, MAX_ID_CHARS));
        source.key = NO_FILE;
        source.giveUp(reason, true);
        return source;
    }

    @Override
    public LogOrigin origin() {
        return origin;
    }

    @Override
    public @Nullable SourceId id() {
        return id;
    }

    boolean isOf(FileKey other) {
        return file != null && other.equals(file.key());
    }

    /** The file by which the source is known, whichever holds its lines now. */
    Optional<FileKey> identity() {
        return Optional.ofNullable(key);
    }

    boolean isTruncated() {
        return truncated;
    }

    void setLive(boolean isLive, long now) {
        if (live && !isLive) {
            grewAt = now;
        }
        live = isLive;
        wasLive = false;
    }

    boolean wasLive() {
        return wasLive;
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
        long length = file.content().size();
        if (length < size) {
            // What is being inflated was seen whole before.
            truncated = file.content().isWhole();
            return true;
        }
        boolean hasGrown = length > size;
        if (hasGrown) {
            size = length;
            grewAt = now;
        }
        FileKey identity = key;
        if (fingerprint == null && identity != null) {
            fingerprint = FileFingerprint.read(file.content(), isSettled(now)).orElse(null);
            id = fingerprint == null ? null : fingerprint.sourceId(identity);
        }
        return hasGrown;
    }

    @Override
    public void restore(Checkpoint.Entry entry) {
        delivery.restore(entry);
        size = Math.max(size, entry.size());
        wasLive &= entry.live();
    }

    @Override
    public void rewind() {
        delivery.rewind();
        if (file == null) {
            delivery.loseWhatIsUnderWay(size);
        }
    }

    @Override
    public void ack(ByteRange range) {
        delivery.ack(range);
    }

    @Override
    public void ackLoss(long from) {
        delivery.ackLoss(from);
    }

    @Override
    public Optional<Frame> announcement(long connection) {
        SourceId name = id;
        return name == null || !delivery.announceOn(connection) ? Optional.empty() : Optional.of(origin.announce(name));
    }

    @Override
    public boolean hasLossesToTell() {
        return id != null && delivery.hasLossesToTell();
    }

    @Override
    public List<Frame> tellLosses(Instant at) {
        return id == null ? List.of() : delivery.tellLosses(id, at);
    }

    @Override
    public boolean hasMore() {
        return id != null && file != null && !truncated && !delivery.hasTaken(size);
    }

    @Override
    public long unsentBytes() {
        return size - delivery.takenBytes();
    }

    @Override
    public Optional<Frame.LogBatch> read(ByteBuffer slab, long room, boolean anyLength, Redactions redactions, long now)
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
        List<ByteRange> missing = delivery.notTaken(size);
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
        while (near.hasRemaining() && open.content().read(near, at + near.position()) > 0) {
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
        if (open.content().isWhole() && open.content().size() < size || !print.matches(open.content())) {
            truncated = true;
            return Optional.empty();
        }
        if (whole == 0) {
            return Optional.empty();
        }
        body.limit(whole);
        ByteBuffer hidden = redactions.hide(origin.form(), open.content(), next, body, mayWait(now));
        if (!hidden.hasRemaining()) {
            return Optional.empty();
        }
        ByteRange taking = new ByteRange(next, next + hidden.remaining());
        delivery.take(taking);
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
        delivery.mayHaveLostMore(size, reason);
    }

    boolean hasSameHead(FileFingerprint other) {
        return fingerprint != null && other.isSameAs(fingerprint);
    }

    /**
     * The file was copied and then truncated in place: what is missing is read from the copy, and the file is given back.
     * What was written between copy and truncation is in neither.
     */
    HeldFile continueIn(HeldFile copy, long now) {
        HeldFile given = Objects.requireNonNull(file, "only a file that is open is found truncated");
        delivery.mayHaveLostMore(size, "the file was copied and truncated; what was written between is lost");
        truncated = false;
        live = false;
        grewAt = now;
        file = copy;
        return given;
    }

    /** It is not read any further. */
    void giveUp(String reason, boolean mayBeMore) {
        delivery.giveUp(size, reason, mayBeMore);
        live = false;
        file = null;
    }

    Optional<HeldFile> file() {
        return Optional.ofNullable(file);
    }

    long size() {
        return size;
    }

    @Override
    public long waitingBytes() {
        return size - delivery.ackedBytes();
    }

    boolean isLive() {
        return live;
    }

    @Override
    public boolean isDone(long now) {
        if (live) {
            return false;
        }
        boolean nothingToTell = !delivery.mayHaveLostMore() || id == null;
        return delivery.isComplete(size) && nothingToTell && (file == null || isSettled(now)) && !truncated;
    }

    @Override
    public Optional<Checkpoint.Entry> entry(boolean done) {
        if (id == null || key == null) {
            return Optional.empty();
        }
        return Optional.of(new Checkpoint.Entry(
                id.value(),
                origin.containerId(),
                origin.container(),
                origin.form(),
                origin.path().toString(),
                origin.fileBytes(),
                origin.labels(),
                key.device(),
                key.inode(),
                size,
                delivery.acked(),
                delivery.lost(),
                delivery.unknownLosses(),
                live,
                done,
                delivery.givenUp()));
    }

    private boolean isSettled(long now) {
        return !live && (file == null || file.content().isWhole()) && now - grewAt >= SETTLE_NANOS;
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
            if (open.content().read(into, from + into.position()) < 0) {
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
