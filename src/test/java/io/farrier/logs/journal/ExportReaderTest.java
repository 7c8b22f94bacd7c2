package io.farrier.logs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ExportReaderTest {
    @Test
    void readsTextAndBinaryFields() throws IOException {
        ExportReader reader =
                reader("__CURSOR=c1\n__REALTIME_TIMESTAMP=1000001\n_SYSTEMD_UNIT=k3s.service\nPRIORITY=4\n"
                        + "MESSAGE\n\3\0\0\0\0\0\0\0a\nb\n\n");

        JournalEntry entry = reader.next().orElseThrow();

        assertThat(entry.cursor()).isEqualTo("c1");
        assertThat(entry.micros()).isEqualTo(1_000_001);
        assertThat(entry.priority()).isEqualTo(4);
        assertThat(entry.units()).containsExactly("k3s.service");
        assertThat(new String(entry.message(), StandardCharsets.UTF_8)).isEqualTo("a\nb");
        assertThat(reader.next()).isEmpty();
    }

    @Test
    void anEntryThatTheEndCutsOffIsNone() throws IOException {
        assertThat(reader("__CURSOR=c1\nMESSAGE=half").next()).isEmpty();
        assertThat(reader("__CURSOR=c1\nMESSAGE=whole\n").next()).isEmpty();
    }

    @Test
    void ofAHostileLengthNoMoreIsKeptThanTheBound() throws IOException {
        String message = "x".repeat(ExportReader.MAX_MESSAGE_BYTES + 5);

        JournalEntry entry =
                reader("__CURSOR=c1\nMESSAGE=" + message + "\n\n").next().orElseThrow();

        assertThat(entry.message()).hasSize(ExportReader.MAX_MESSAGE_BYTES);
        assertThat(entry.cutBytes()).isEqualTo(5);
        assertThat(new String(UnitLine.bytes(entry), StandardCharsets.UTF_8))
                .endsWith(" stdout F [farrier: 5 bytes more were not kept]\n");
    }

    @Test
    void aLengthBeyondTheEndAllocatesNothing() throws IOException {
        assertThat(reader("__CURSOR=c1\nMESSAGE\n\377\377\377\377\377\377\377\177abc")
                        .next())
                .isEmpty();
    }

    @Test
    void niceErrorOnWhatIsNoExportFormat() {
        assertThatThrownBy(() -> reader("x".repeat(5000)).next())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("this is no export format");
        assertThatThrownBy(() -> reader("A=b\n".repeat(5000)).next()).hasMessageContaining("more than 4096 fields");
        assertThatThrownBy(() -> reader("M\n\1\0\0\0\0\0\0\0abc\n").next()).hasMessageContaining("goes on behind them");
    }

    private static ExportReader reader(String bytes) {
        return new ExportReader(new ByteArrayInputStream(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
