package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One stream of bytes that are lines, from its discovery until the collector has all of it. What is not acknowledged is
 * read again; what cannot be read again is declared lost.
 */
interface Source {
    /** Reused for all reading; a batch is at most this, or one longer line. */
    int SLAB_BYTES = 256 << 10;

    LogOrigin origin();

    /** Null until enough of it is there to tell it from others. */
    @Nullable
    SourceId id();

    /** What an earlier run wrote down of it. */
    void restore(Checkpoint.Entry entry);

    /** A new connection: all that is not acknowledged is to be sent again, or declared lost when it cannot be read. */
    void rewind();

    void ack(ByteRange range);

    /** @param from where a loss of unknown size begins */
    void ackLoss(long from);

    /** Its name and origin, once on each connection, before anything else of it. */
    Optional<Frame> announcement(long connection);

    boolean hasLossesToTell();

    /** Declares each loss, once on each connection, until it is acknowledged. */
    List<Frame> tellLosses(Instant at);

    boolean hasMore();

    /** What is neither with the collector nor on its way there. */
    long unsentBytes();

    /** What the collector does not have yet. */
    long waitingBytes();

    /**
     * The next whole lines, at most {@code room} bytes. A line that is longer than the slab comes alone, up to the
     * largest body a frame carries. The body is lent, so the batch must be used before the next one is read.
     *
     * @param anyLength true when one line may be longer than {@code room}
     */
    Optional<Frame.LogBatch> read(ByteBuffer slab, long room, boolean anyLength, Redactions redactions, long now)
            throws IOException;

    /** True when the collector has all of it and nothing more will come. */
    boolean isDone(long now);

    /** What is to be remembered over a kill; empty while it has no id. */
    Optional<Checkpoint.Entry> entry(boolean done);
}
