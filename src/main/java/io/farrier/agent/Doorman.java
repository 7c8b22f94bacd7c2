package io.farrier.agent;

import io.farrier.feed.Frame;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.InvalidFrameException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Lets in what a collector may send: welcome once, then acks and credit; small and not too often. This is all that
 * comes from a collector, so it cannot change a node.
 */
final class Doorman {
    /** An ack for each batch of 256 KiB is 40 a second at 10 MB/s, and a collector may join them. */
    static final int MAX_FRAMES_PER_SECOND = 100;

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private boolean isWelcomed;
    private long secondBegan;
    private int framesInSecond;

    /** @throws HostileCollectorException for everything else */
    Frame letIn(ByteBuffer message, long nanos) throws HostileCollectorException {
        countFrame(nanos);
        if (message.remaining() > FrameCodec.MAX_CONTROL_BYTES) {
            throw new HostileCollectorException("it sent a message of " + message.remaining() + " bytes; at most "
                    + FrameCodec.MAX_CONTROL_BYTES + " are read");
        }
        Frame frame = decode(message);
        boolean isWelcome = frame instanceof Frame.Welcome;
        boolean isFlow = frame instanceof Frame.Ack || frame instanceof Frame.Credit;
        if (!isWelcome && !isFlow) {
            throw new HostileCollectorException("it sent a frame that only an agent sends");
        }
        if (isWelcome && isWelcomed) {
            throw new HostileCollectorException("it sent a second welcome");
        }
        if (!isWelcome && !isWelcomed) {
            throw new HostileCollectorException("it sent something before its welcome");
        }
        isWelcomed = true;
        return frame;
    }

    private void countFrame(long nanos) throws HostileCollectorException {
        if (framesInSecond == 0 || nanos - secondBegan >= SECOND) {
            secondBegan = nanos;
            framesInSecond = 0;
        }
        if (++framesInSecond > MAX_FRAMES_PER_SECOND) {
            throw new HostileCollectorException("it sent more than " + MAX_FRAMES_PER_SECOND + " messages in a second");
        }
    }

    private static Frame decode(ByteBuffer message) throws HostileCollectorException {
        try {
            return FrameCodec.decode(message);
        } catch (InvalidFrameException invalid) {
            throw new HostileCollectorException("it sent what is no frame: " + invalid.getMessage());
        }
    }
}
