package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How far one source is delivered: what is acknowledged, what is under way, and what is lost and has to be declared. */
final class Delivery {
    private final ByteRanges acked = new ByteRanges();

    /** Acknowledged or under way on this connection. */
    private ByteRanges taken = new ByteRanges();

    private final ByteRanges lost = new ByteRanges();
    private boolean lossesTold = true;

    /** Why it is not read any further: the first reason is the true one. */
    private @Nullable String givenUp;

    /** Why losses of unknown size may be, by where they begin; each until it is acknowledged. */
    private final SortedMap<Long, String> unknownLosses = new TreeMap<>();

    /** The last of so many, being of unknown size, stands for those that come behind it. */
    private static final int MAX_UNKNOWN_LOSSES = 64;

    /** Of a checkpoint that held no reasons. */
    static final String DECLARED_BEFORE = "declared before the agent was started again";

    /** The connection on which the source was announced. */
    private long announcedOn = LogSink.NONE;

    /** True once on each connection. */
    boolean announceOn(long connection) {
        boolean isFirst = announcedOn != connection;
        announcedOn = connection;
        return isFirst;
    }

    void restore(Checkpoint.Entry entry) {
        entry.acked().forEach(this::ack);
        entry.lost().forEach(lost::add);
        entry.lost().forEach(taken::add);
        givenUp = entry.givenUp();
        entry.unknownLosses().forEach(unknownLosses::putIfAbsent);
        lossesTold = hasNothingToTell();
    }

    /** On a new connection nothing is under way. What is declared lost is not sent, though its file be there again. */
    void rewind() {
        taken = ByteRanges.of(acked.toList());
        lost.toList().forEach(taken::add);
        lossesTold = hasNothingToTell();
    }

    void ack(ByteRange range) {
        acked.add(range);
        taken.add(range);
    }

    void ackLoss(long from) {
        unknownLosses.remove(from);
    }

    void take(ByteRange range) {
        taken.add(range);
    }

    boolean hasLossesToTell() {
        return !lossesTold;
    }

    List<Frame> tellLosses(SourceId id, Instant at) {
        lossesTold = true;
        List<Frame> frames = new ArrayList<>();
        for (ByteRange range : lost.toList()) {
            for (ByteRange open : acked.missingFrom(range)) {
                String reason = givenUp == null ? DECLARED_BEFORE : givenUp;
                frames.add(new Frame.Lost(id, open.from(), open.to(), reason, at));
            }
        }
        unknownLosses.forEach((from, reason) -> frames.add(new Frame.Lost(id, from, Frame.Lost.UNKNOWN, reason, at)));
        return frames;
    }

    /**
     * A loss of unknown size: something may have come and gone unseen.
     *
     * @param from the size of the source as far as it is known
     */
    void mayHaveLostMore(long from, String reason) {
        if (unknownLosses.size() < MAX_UNKNOWN_LOSSES && unknownLosses.putIfAbsent(from, reason) == null) {
            lossesTold = false;
        }
    }

    /** What was not sent is lost now; what is under way is lost when the connection breaks before its ack. */
    void giveUp(long size, String reason, boolean mayBeMore) {
        givenUp = givenUp == null ? reason : givenUp;
        if (size > 0) {
            taken.missingFrom(new ByteRange(0, size)).forEach(lost::add);
        }
        if (mayBeMore) {
            mayHaveLostMore(size, reason);
        }
        lossesTold = hasNothingToTell();
    }

    void loseWhatIsUnderWay(long size) {
        if (size > 0) {
            acked.missingFrom(new ByteRange(0, size)).forEach(lost::add);
        }
        lossesTold = hasNothingToTell();
    }

    private boolean hasNothingToTell() {
        return lost.isEmpty() && unknownLosses.isEmpty();
    }

    boolean hasTaken(long size) {
        return taken.firstMissing(0) >= size;
    }

    List<ByteRange> notTaken(long size) {
        return taken.missingFrom(new ByteRange(0, size));
    }

    long takenBytes() {
        return taken.bytes();
    }

    long ackedBytes() {
        return acked.bytes();
    }

    /** True when the collector has all of it, or knows that it never will. */
    boolean isComplete(long size) {
        return size == 0 || acked.covers(new ByteRange(0, size));
    }

    boolean mayHaveLostMore() {
        return !unknownLosses.isEmpty();
    }

    @Nullable
    String givenUp() {
        return givenUp;
    }

    Map<Long, String> unknownLosses() {
        return unknownLosses;
    }

    List<ByteRange> acked() {
        return acked.toList();
    }

    List<ByteRange> lost() {
        return lost.toList();
    }
}
