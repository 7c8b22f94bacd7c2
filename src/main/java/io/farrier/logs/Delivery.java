package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

    /** Why a loss of unknown size is still to be told. */
    private @Nullable String unknownLoss;

    /** Of a checkpoint that held no reasons. */
    private static final String DECLARED_BEFORE = "declared before the agent was started again";

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
        if (entry.mayHaveLostMore() && unknownLoss == null) {
            unknownLoss = entry.unknownLoss() == null ? DECLARED_BEFORE : entry.unknownLoss();
        }
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
                String reason = givenUp == null ? DECLARED_BEFORE : givenUp;
                frames.add(new Frame.Lost(id, open.from(), open.to(), reason, at));
            }
        }
        String unknown = unknownLoss;
        if (unknown != null) {
            unknownLoss = null;
            frames.add(new Frame.Lost(id, size, Frame.Lost.UNKNOWN, unknown, at));
        }
        return frames;
    }

    /** A loss of unknown size: something may have come and gone unseen. */
    void mayHaveLostMore(String reason) {
        unknownLoss = unknownLoss == null ? reason : unknownLoss;
        lossesTold = false;
    }

    /** What was not sent is lost now; what is under way is lost when the connection breaks before its ack. */
    void giveUp(long size, String reason, boolean mayBeMore) {
        givenUp = givenUp == null ? reason : givenUp;
        if (size > 0) {
            taken.missingFrom(new ByteRange(0, size)).forEach(lost::add);
        }
        if (mayBeMore && unknownLoss == null) {
            unknownLoss = reason;
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
        return lost.isEmpty() && unknownLoss == null;
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
        return unknownLoss != null;
    }

    @Nullable
    String givenUp() {
        return givenUp;
    }

    @Nullable
    String unknownLoss() {
        return unknownLoss;
    }

    List<ByteRange> acked() {
        return acked.toList();
    }

    List<ByteRange> lost() {
        return lost.toList();
    }
}
