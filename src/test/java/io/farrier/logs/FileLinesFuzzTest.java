package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class FileLinesFuzzTest {
    @TempDir
    Path folder;

    /** As a json-file, as a CRI file, and as the rotated, compressed one of either. */
    @FuzzTest(maxDuration = "10m")
    void anyBytesAreLines(byte[] bytes) throws IOException {
        for (String name : List.of("c-json.log", "0.log")) {
            Path log = Files.write(folder.resolve(name), bytes);
            Files.write(folder.resolve(name + ".1.gz"), bytes);
            List<LogLine> lines = new ArrayList<>();
            try (FileLines file = new FileLines(log, lines::add)) {
                file.readAll();
                file.readNew();
                file.end();
            }
            assertThat(lines).hasSizeLessThanOrEqualTo(8 + 2 * 1024 * (bytes.length + 1));
        }
    }
}
