package io.farrier.feed;

import java.nio.ByteBuffer;

/**
 * Frames to bytes and back. A message is one line of JSON (the header, ended by {@code \\n}) and then, for a log batch,
 * the raw lines.
 */
public final class FrameCodec {
    /** Larger messages are refused unread: a batch is at most a slab of 256 KiB, or one longer line. */
    public static final int MAX_FRAME_BYTES = 4 << 20;

    /** What an agent accepts from a collector. */
    public static final int MAX_CONTROL_BYTES = 4 << 10;

    private FrameCodec() {}

    public static ByteBuffer encode(Frame frame) {
        throw new UnsupportedOperationException("being built");
    }

    public static Frame decode(ByteBuffer message) throws InvalidFrameException {
        throw new UnsupportedOperationException("being built");
    }
}
