package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads blocks for one search, which keeps the files open that it read last. One thread. */
final class BlockReader implements AutoCloseable {
    /** Few enough for two searches beside thousands of connections. */
    private static final int MAX_OPEN = 128;

    private final Sources sources;
    private final Codecs codecs = new Codecs();
    private final Map<Path, Segment> open = new LinkedHashMap<>(MAX_OPEN, 0.75f, true);

    BlockReader(Sources sources) {
        this.sources = sources;
    }

    /** True also when the filter is damaged: it only saves work. */
    boolean mayHold(BlockRef block, List<byte[]> literals) throws IOException {
        Segment segment = segment(block.segment());
        ByteBuffer filter;
        try {
            filter = segment.read(block.filterAt(), block.filterBytes());
        } catch (IOException damaged) {
            return true;
        }
        return TextFilter.mayHold(filter, literals);
    }

    /** @throws IOException when the block is damaged, or retention has dropped it meanwhile */
    List<Chunk> read(NodeName node, BlockRef block) throws IOException {
        Segment segment = segment(block.segment());
        BlockHead head = BlockHead.decode(segment.read(block.headAt()), codecs);
        byte[] packed = segment.read(head.bodyAt()).array();
        byte[] plain = codecs.of(head.codec()).decompress(packed, head.plainLength());
        List<Chunk> chunks = new ArrayList<>(head.parts().size());
        int at = 0;
        for (BlockHead.Part part : head.parts()) {
            chunks.add(new Chunk(
                    part.source(node, sources),
                    part.from(),
                    part.firstId(),
                    part.lines(),
                    part.received(),
                    part.hasPartials(),
                    plain,
                    at,
                    at + part.length()));
            at += part.length();
        }
        return chunks;
    }

    @Override
    public void close() throws IOException {
        codecs.close();
        for (Segment segment : open.values()) {
            segment.close();
        }
    }

    private Segment segment(Path path) throws IOException {
        Segment known = open.get(path);
        if (known != null) {
            return known;
        }
        if (open.size() >= MAX_OPEN) {
            var eldest = open.entrySet().iterator();
            eldest.next().getValue().close();
            eldest.remove();
        }
        Segment segment = Segment.forReading(path);
        open.put(path, segment);
        return segment;
    }
}
