package io.farrier.feed;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;

class FrameFuzzTest {
    /** Any bytes are a frame or an InvalidFrameException; a frame survives another trip. */
    @FuzzTest(maxDuration = "10m")
    void anyBytesAreAFrameOrRefused(byte[] bytes) {
        Frame frame;
        try {
            frame = FrameCodec.decode(ByteBuffer.wrap(bytes));
        } catch (InvalidFrameException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
            return;
        }
        assertThat(again(frame)).isEqualTo(frame);
    }

    private static Frame again(Frame frame) {
        try {
            return FrameCodec.decode(FrameCodec.encode(frame));
        } catch (InvalidFrameException lost) {
            throw new AssertionError("a frame that was read cannot be read again", lost);
        }
    }
}
