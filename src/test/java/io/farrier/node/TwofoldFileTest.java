package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwofoldFileTest {
    private static final String KEY = "kYl2c0Vh3uW8xQm5Zt7aJr1nB9sDf4gP6eLoIiXwCvE\n";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void aKeyIsKeptTwice() throws IOException {
        file = Files.writeString(folder.resolve("node.key"), KEY);
        assertThat(read()).isEqualTo(KEY);
    }

    @Test
    void mendsAFlippedBitWhereverItIs() throws IOException {
        for (int bit = 0; bit < KEY.length() * 8; bit++) {
            byte[] bytes = KEY.getBytes(StandardCharsets.ISO_8859_1);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bytes);

            assertThat(read()).as("bit %d", bit).isEqualTo(KEY);
            assertThat(file).hasContent(KEY.strip());
        }
    }

    @Test
    void mendsWhatWasCutAnywhere() throws IOException {
        for (int length = 0; length < KEY.length(); length++) {
            Files.writeString(file, KEY.substring(0, length));

            assertThat(read()).as("%d characters", length).isEqualTo(KEY);
        }
    }

    /** As after a power cut. What is left may be long enough to be a key of its own. */
    @Test
    void mendsAnEndThatWasNeverWritten() throws IOException {
        for (int length = 0; length < KEY.length(); length++) {
            Files.writeString(file, KEY.substring(0, length) + "\0".repeat(KEY.length() - length));

            assertThat(TwofoldFile.read(file, text -> text.trim().length() >= 16))
                    .as("%d characters", length)
                    .isEqualTo(KEY);
        }
    }

    @Test
    void mendsTheCopyFromTheFile() throws IOException {
        Path copy = folder.resolve("node.key.copy");
        byte[] good = Files.readAllBytes(copy);
        for (int at = 0; at < good.length; at++) {
            byte[] bytes = good.clone();
            bytes[at] ^= 4;
            Files.write(copy, bytes);

            assertThat(read()).isEqualTo(KEY);
            assertThat(copy).hasBinaryContent(good);
        }
    }

    @Test
    void anotherKeyThatWasPutThereCounts() throws IOException {
        String other = new StringBuilder(KEY.strip()).reverse() + "\n";
        Files.writeString(file, other);

        assertThat(read()).isEqualTo(other);
        assertThat(read()).as("again").isEqualTo(other);
    }

    @Test
    void whatWasTakenAwayIsForgotten() throws IOException {
        Files.delete(file);

        assertThatThrownBy(this::read).isInstanceOf(NoSuchFileException.class);
        assertThat(folder).isEmptyDirectory();
    }

    private String read() throws IOException {
        return TwofoldFile.read(
                file, text -> text.length() > 16 && text.strip().chars().allMatch(c -> c > ' ' && c < 127));
    }
}
