package io.farrier.collector.store;

import io.farrier.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Makes blocks of chunks. Its buffers are used again and again: one writer. */
final class BlockWriter implements AutoCloseable {
    private final BlockCodec codec;
    private final LineShape shape = new LineShape();
    private final Seams seams = new Seams();
    private byte[] plain = new byte[0];

    BlockWriter(BlockCodec codec) {
        this.codec = codec;
    }

    /**
     * Appends them as one block; the caller calls {@link Segment#force}.
     *
     * @param forced how much of the segment is on disk for certain
     */
    BlockRef write(Segment segment, Path path, long forced, List<Chunk> chunks) throws IOException {
        int length = gather(chunks);
        long bodyAt = segment.appendUnread(ByteBuffer.wrap(codec.compress(plain, length)));
        long filterAt =
                segment.appendUnread(ByteBuffer.wrap(filter(chunks, length).bytes()));
        BlockHead head = BlockHead.of(chunks, codec.mark(), length, bodyAt, filterAt, forced);
        long headAt = segment.append(head.encode(codec));
        return BlockRef.of(
                path,
                headAt,
                head,
                chunks.stream().mapToInt(chunk -> chunk.source().number()).toArray());
    }

    @Override
    public void close() {
        codec.close();
    }

    private int gather(List<Chunk> chunks) {
        int length = chunks.stream().mapToInt(Chunk::length).sum();
        if (plain.length < length + TextFilter.PADDING) {
            plain = new byte[length + TextFilter.PADDING];
        }
        int at = 0;
        for (Chunk chunk : chunks) {
            System.arraycopy(chunk.array(), chunk.start(), plain, at, chunk.length());
            at += chunk.length();
        }
        return length;
    }

    private TextFilter filter(List<Chunk> chunks, int length) {
        TextFilter filter = TextFilter.forBlock(length);
        int at = 0;
        for (Chunk chunk : chunks) {
            seams.startChunk(chunk);
            int end = at + chunk.length();
            while (at < end) {
                int feed = LineFeeds.next(plain, at, end);
                shape.read(chunk.source().form(), plain, at, feed);
                filter.add(plain, shape.from(), shape.to());
                if (chunk.hasPartials() || seams.areOpen()) {
                    seams.add(filter, plain, shape);
                }
                at = feed + 1;
            }
            at = end;
        }
        return filter.compact();
    }

    /** A string may begin in one piece of a line and end in the next. */
    private static final class Seams {
        private static final int REACH = TextFilter.GRAM - 1;

        private final byte[][] ends = {new byte[0], new byte[0]};
        private int source = -1;
        private long expected = -1;

        void startChunk(Chunk chunk) {
            if (chunk.source().number() != source || chunk.from() != expected) {
                ends[0] = new byte[0];
                ends[1] = new byte[0];
            }
            source = chunk.source().number();
            expected = chunk.to();
        }

        boolean areOpen() {
            return ends[0].length > 0 || ends[1].length > 0;
        }

        void add(TextFilter filter, byte[] line, LineShape shape) {
            int stream = shape.isStderr() ? 1 : 0;
            byte[] end = ends[stream];
            int length = shape.textTo() - shape.textFrom();
            if (end.length > 0) {
                int head = Math.min(REACH, length);
                byte[] seam = Arrays.copyOf(end, end.length + head + TextFilter.PADDING);
                System.arraycopy(line, shape.textFrom(), seam, end.length, head);
                filter.add(seam, 0, end.length + head);
            }
            ends[stream] = shape.isPartial() ? lastOf(end, line, shape, length) : new byte[0];
        }

        private static byte[] lastOf(byte[] end, byte[] line, LineShape shape, int length) {
            if (length >= REACH) {
                return Arrays.copyOfRange(line, shape.textTo() - REACH, shape.textTo());
            }
            byte[] both = Arrays.copyOf(end, end.length + length);
            System.arraycopy(line, shape.textFrom(), both, end.length, length);
            return Arrays.copyOfRange(both, Math.max(0, both.length - REACH), both.length);
        }
    }
}
