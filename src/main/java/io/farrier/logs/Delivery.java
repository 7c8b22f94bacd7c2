package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How far one source is delivered: what is acknowledged, what is under way, and what is lost and has to be declared. */
final class Delivery {
    private final ByteRanges acked = new ByteRanges();

    /** Acknowledged or under way on this connection. */
    private ByteRanges taken = new ByteRanges();

    private final ByteRanges lost = new ByteRanges();
    private boolean mayHaveLostMore;
    private boolean lossesTold = true;
    private String lossReason = "";

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
        mayHaveLostMore = entry.mayHaveLostMore();
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
        lossReason = lossReason.isEmpty() ? "declared before the agent was started again" : lossReason;
    }

    /** On a new connection nothing is under way. */
    void rewind() {
        taken = ByteRanges.of(acked.toList());
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
    }

    void ack(ByteRange range) {
        acked.add(range);
        taken.add(range);
    }

    void take(ByteRange range) {
        taken.add(range);
    }

    boolean hasLossesToTell() {
        return !lossesTold;
    }

    /** @param size of the source as far as it is known: from there on more may be lost */
    List<Frame> tellLosses(SourceId id, long size, Instant at) {
        lossesTold = true;
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

    /** A loss of unknown size: something may have come and gone unseen. */
    void mayHaveLostMore(String reason) {
        mayHaveLostMore = true;
        lossesTold = false;
        lossReason = reason;
    }

    /** What was not sent is lost now; what is under way is lost when the connection breaks before its ack. */
    void giveUp(long size, String reason, boolean mayBeMore) {
        lossReason = reason;
        if (size > 0) {
            taken.missingFrom(new ByteRange(0, size)).forEach(lost::add);
        }
        lossesTold = lost.isEmpty() && !mayBeMore;
        mayHaveLostMore |= mayBeMore;
    }

    void loseWhatIsUnderWay(long size) {
        if (size > 0) {
            acked.missingFrom(new ByteRange(0, size)).forEach(lost::add);
        }
        lossesTold = lost.isEmpty() && !mayHaveLostMore;
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
        return mayHaveLostMore;
    }

    List<ByteRange> acked() {
        return acked.toList();
    }

    List<ByteRange> lost() {
        return lost.toList();
    }
}
