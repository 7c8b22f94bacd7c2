package io.farrier.logs.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.List;

class DockerStreamFuzzTest {
    /** As frames and as a terminal's: pieces or a refusal, and never more text than came. */
    @FuzzTest(maxDuration = "10m")
    void anyBytesArePiecesOrRefused(byte[] bytes) {
        for (Framing framing : List.of(new Multiplexed(), new Terminal())) {
            try {
                List<String> pieces = DockerStreams.read(framing, bytes, 11);
                assertThat(pieces.size()).isLessThanOrEqualTo(bytes.length);
            } catch (IOException refused) {
                assertThat(refused).hasMessageContaining("ocker");
            }
        }
    }
}
