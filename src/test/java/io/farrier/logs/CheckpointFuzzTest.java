package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFuzzTest {
    @TempDir
    Path folder;

    /** Whatever is in the file, it opens; it holds only what checks. */
    @FuzzTest(maxDuration = "10m")
    void anyBytesOpen(byte[] bytes) throws IOException {
        Files.write(folder.resolve("cursors"), bytes);

        assertThat(new CheckpointFile(folder).content().entries()).hasSizeLessThanOrEqualTo(bytes.length / 10);
    }
}
