package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileFingerprintTest {
    private static final FileKey USED_AGAIN = new FileKey(1, 7);

    @TempDir
    Path folder;

    @Test
    void filesOnOneInodeDifferByTheTimeBehindALongFirstLine() throws IOException {
        String text = "{\"log\":\"" + "x".repeat(16 << 10) + "\",\"stream\":\"stdout\",\"time\":\"";

        assertThat(id(text + "2026-11-20T12:00:00.1Z\"}\n")).isNotEqualTo(id(text + "2026-11-20T12:00:00.2Z\"}\n"));
    }

    @Test
    void staysWhileTheFileGrows() throws IOException {
        String first = "{\"log\":\"" + "x".repeat(2_000) + "\",\"time\":\"2026-11-20T12:00:00.1Z\"}\n";

        assertThat(id(first)).isEqualTo(id(first + first));
    }

    private SourceId id(String content) throws IOException {
        Path log = Files.writeString(folder.resolve("log"), content);
        try (FileChannel file = FileChannel.open(log)) {
            return FileFingerprint.read(new PlainBytes(file), false)
                    .orElseThrow()
                    .sourceId(USED_AGAIN);
        }
    }
}
