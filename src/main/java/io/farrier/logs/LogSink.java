package io.farrier.logs;

import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;

/** Where the lines go: a connection with credit. Called from the tail thread only; every call returns at once. */
public interface LogSink {
    /** No connection: the files wait. */
    long NONE = 0;

    /** Changes with each connection; what was sent on an earlier one and not acknowledged is to be sent again. */
    long connection();

    /** How many bytes of lines may be sent now. */
    long room();

    /** True when all that was sent is acknowledged; then a single line may go that is longer than the credit. */
    boolean isDrained();

    /**
     * Takes a frame for {@code connection}; its body is only lent. A frame for an earlier connection is dropped. It may wait for
     * others until {@link #flush}.
     */
    void send(long connection, Frame frame);

    /** What was sent leaves now. */
    void flush();

    /** Nothing will be sent of this source any more. */
    void forget(SourceId source);
}
