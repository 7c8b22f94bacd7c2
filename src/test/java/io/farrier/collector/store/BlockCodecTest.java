package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.testing.KubeLines;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BlockCodecTest {
    private static final byte[] PLAIN = new KubeLines(3).next(500, "");

    @Test
    void zstdIsTheOneThatIsUsed() {
        try (BlockCodec best = BlockCodec.best()) {
            assertThat(best.mark()).isEqualTo(BlockCodec.Zstandard.MARK);
        }
    }

    @Test
    void givesBackWhatItTook() throws Exception {
        for (BlockCodec codec : List.of(new BlockCodec.Zstandard(), new BlockCodec.Deflated())) {
            try (codec;
                    BlockCodec reader = BlockCodec.of(codec.mark())) {
                byte[] packed = codec.compress(PLAIN, PLAIN.length);

                assertThat(packed).hasSizeLessThan(PLAIN.length / 3);
                assertThat(reader.decompress(packed, PLAIN.length)).isEqualTo(PLAIN);
                assertThatThrownBy(() -> reader.decompress(packed, PLAIN.length + 1))
                        .hasMessageContaining("instead of");
            }
        }
    }

    @Test
    void aCompressionThatIsNotHereIsNoDamage() {
        assertThatThrownBy(() -> BlockCodec.of((byte) 'x'))
                .isInstanceOf(CodecMissingException.class)
                .hasMessageContaining("not known to this version");
    }
}
