package io.farrier.segment;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class SegmentFuzzTest {
    @TempDir
    Path folder;

    /** Any bytes are a segment or refused; behind what was found in them a record is kept. */
    @FuzzTest(maxDuration = "10m")
    void anyBytesOpen(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("s"), bytes);
        List<Integer> found = new ArrayList<>();
        try (Segment segment = Segment.open(file, (position, payload) -> found.add(payload.remaining()))) {
            segment.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            segment.force();
        } catch (NotASegmentException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
            return;
        }
        List<Integer> again = new ArrayList<>();
        Segment.open(file, (position, payload) -> again.add(payload.remaining()))
                .close();
        found.add(3);
        assertThat(again).isEqualTo(found);
    }
}
