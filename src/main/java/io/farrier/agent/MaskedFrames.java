package io.farrier.agent;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Masks what a client sends (RFC 6455, section 5.3) where it stands, eight bytes at a time. Netty's own encoder copies each
 * message and goes through a checked buffer for every step: of an agent that is compiled simply it took half of all CPU.
 */
final class MaskedFrames extends WebSocket13FrameEncoder {
    /** Shorter ones are not worth it. */
    private static final int MIN_BYTES = 1024;

    private static final int MAX_HEADER_BYTES = 14;
    private static final int FINAL_BINARY = 0x82;
    private static final int MASKED = 0x80;
    private static final int LENGTH_OF_16_BITS = 126;
    private static final int LENGTH_OF_64_BITS = 127;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private MaskedFrames() {
        super(true);
    }

    /** From now on the messages that a client's connection is given are masked in place: they are its own. */
    static void on(ChannelPipeline pipeline) {
        if (pipeline.get(WebSocket13FrameEncoder.class) != null) {
            pipeline.replace(WebSocket13FrameEncoder.class, "farrier-masked-frames", new MaskedFrames());
        }
    }

    @Override
    protected void encode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) throws Exception {
        ByteBuf content = frame.content();
        boolean isOurs = frame instanceof BinaryWebSocketFrame && frame.isFinalFragment() && frame.rsv() == 0;
        if (!isOurs || !content.hasArray() || content.readableBytes() < MIN_BYTES) {
            super.encode(context, frame, out);
            return;
        }
        int mask = ThreadLocalRandom.current().nextInt();
        out.add(header(context, content.readableBytes(), mask));
        mask(content.array(), content.arrayOffset() + content.readerIndex(), content.readableBytes(), mask);
        out.add(content.retain());
    }

    private static ByteBuf header(ChannelHandlerContext context, int length, int mask) {
        ByteBuf header = context.alloc().buffer(MAX_HEADER_BYTES).writeByte(FINAL_BINARY);
        if (length <= 0xffff) {
            header.writeByte(MASKED | LENGTH_OF_16_BITS).writeShort(length);
        } else {
            header.writeByte(MASKED | LENGTH_OF_64_BITS).writeLong(length);
        }
        return header.writeInt(mask);
    }

    private static void mask(byte[] bytes, int from, int length, int mask) {
        long twice = (long) mask << 32 | mask & 0xffffffffL;
        int i = from;
        int end = from + length;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            LONGS.set(bytes, i, (long) LONGS.get(bytes, i) ^ twice);
        }
        for (int shift = 56; i < end; i++, shift -= 8) {
            bytes[i] ^= (byte) (twice >>> shift);
        }
    }
}
