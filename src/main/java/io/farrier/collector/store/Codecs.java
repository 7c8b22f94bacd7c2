package io.farrier.collector.store;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The codecs one thread uses, each made when a block first asks for it. */
final class Codecs implements AutoCloseable {
    private final Map<Byte, BlockCodec> known = new HashMap<>();

    BlockCodec of(byte mark) throws IOException {
        BlockCodec codec = known.get(mark);
        if (codec == null) {
            codec = BlockCodec.of(mark);
            known.put(mark, codec);
        }
        return codec;
    }

    @Override
    public void close() {
        known.values().forEach(BlockCodec::close);
    }
}
