package io.farrier.logs.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class ExportFuzzTest {
    /** What {@code journalctl --output=export} may print: entries, or an IOException that says what it is not. */
    @FuzzTest(maxDuration = "10m")
    void anyBytesAreEntriesOrRefused(byte[] bytes) {
        List<String> entries = entries(new ByteArrayInputStream(bytes), bytes.length);

        assertThat(entries(new Dripping(bytes), bytes.length))
                .as("however the pipe cuts it")
                .isEqualTo(entries);
    }

    /** Each entry as it comes to its unit's file; the message of the exception last. */
    private static List<String> entries(InputStream in, int length) {
        List<String> entries = new ArrayList<>();
        try {
            ExportReader reader = new ExportReader(in);
            for (Optional<JournalEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
                JournalEntry entry = next.get();
                assertThat(entry.message().length).isLessThanOrEqualTo(ExportReader.MAX_MESSAGE_BYTES);
                byte[] lines = UnitLine.bytes(entry);
                assertThat(lines[lines.length - 1]).isEqualTo((byte) '\n');
                entries.add(entry.cursor() + new String(lines, StandardCharsets.ISO_8859_1));
                assertThat(entries).hasSizeLessThanOrEqualTo(length);
            }
        } catch (IOException refused) {
            assertThat(refused.getMessage()).startsWith("Tried to read the journal");
            entries.add(refused.getMessage());
        }
        return entries;
    }

    /** A byte at a time. */
    private static final class Dripping extends ByteArrayInputStream {
        Dripping(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] into, int from, int most) {
            return super.read(into, from, Math.min(1, most));
        }
    }
}
