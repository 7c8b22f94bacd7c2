package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GzipBytesTest {
    @TempDir
    Path folder;

    private final byte[] content = content(3 * GzipBytes.STEP_BYTES + 12_345);

    @Test
    void readsWhatWasCompressedAtAnyPlaceInAnyOrder() throws IOException {
        try (GzipBytes bytes = open(gzip(content), new GzipBytes.Inflaters())) {
            inflateAll(bytes);

            assertThat(bytes.size()).isEqualTo(content.length);
            Random random = new Random(7);
            for (int i = 0; i < 60; i++) {
                int at = random.nextInt(content.length);
                int length = Math.min(content.length - at, 1 + random.nextInt(300_000));
                assertThat(read(bytes, at, length)).isEqualTo(Arrays.copyOfRange(content, at, at + length));
            }
        }
    }

    @Test
    void tellsItsLengthStepByStep() throws IOException {
        try (GzipBytes bytes = open(gzip(content), new GzipBytes.Inflaters())) {
            assertThat(bytes.size()).isEqualTo(GzipBytes.STEP_BYTES);
            assertThat(bytes.isWhole()).isFalse();
            assertThat(read(bytes, 0, 100)).isEqualTo(Arrays.copyOf(content, 100));
        }
    }

    @Test
    void membersThatWereAppendedAreOneContent() throws IOException {
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        two.writeBytes(gzip(new byte[] {'a', '\n'}));
        two.writeBytes(gzip(new byte[] {'b', '\n'}));
        try (GzipBytes bytes = open(two.toByteArray(), new GzipBytes.Inflaters())) {
            inflateAll(bytes);

            assertThat(read(bytes, 0, 4)).asString().isEqualTo("a\nb\n");
        }
    }

    @Test
    void ofAFileThatIsCutShortTheBeginningIsContent() throws IOException {
        byte[] whole = gzip(content);
        try (GzipBytes bytes = open(Arrays.copyOf(whole, whole.length / 2), new GzipBytes.Inflaters())) {
            inflateAll(bytes);

            int size = (int) bytes.size();
            assertThat(size).isBetween(content.length / 4, content.length - 1);
            assertThat(read(bytes, size - 1000, 1000)).isEqualTo(Arrays.copyOfRange(content, size - 1000, size));
        }
    }

    @Test
    void whatIsNoGzipBehindItsFirstBytesIsEmpty() throws IOException {
        try (GzipBytes bytes = open(new byte[] {0x1f, (byte) 0x8b, 'x', 'y'}, new GzipBytes.Inflaters())) {
            inflateAll(bytes);

            assertThat(bytes.size()).isZero();
        }
    }

    @Test
    void beyondTheNumberThatIsInflatedAtATimeFilesWaitForAnotherToClose() throws IOException {
        GzipBytes.Inflaters inflaters = new GzipBytes.Inflaters();
        byte[] small = gzip(new byte[] {'a', '\n'});
        List<GzipBytes> open = new ArrayList<>();
        for (int i = 0; i < GzipBytes.Inflaters.MAX; i++) {
            open.add(open(small, inflaters));
            inflateAll(open.get(i));
        }
        GzipBytes waiting = open(small, inflaters);
        assertThat(waiting.size()).isZero();
        assertThat(waiting.isWhole()).isFalse();

        open.get(0).close();

        assertThat(waiting.size()).isEqualTo(2);
        waiting.close();
        for (GzipBytes each : open.subList(1, open.size())) {
            each.close();
        }
    }

    private static void inflateAll(GzipBytes bytes) throws IOException {
        while (!bytes.isWhole()) {
            bytes.size();
        }
    }

    private GzipBytes open(byte[] file, GzipBytes.Inflaters inflaters) throws IOException {
        Path path = Files.write(Files.createTempFile(folder, "log", ".gz"), file);
        return new GzipBytes(FileChannel.open(path), inflaters);
    }

    private static byte[] read(LogBytes bytes, long at, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining() && bytes.read(into, at + into.position()) > 0) {
            // Until it is full or the content ends.
        }
        return Arrays.copyOf(into.array(), into.position());
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(plain);
        }
        return packed.toByteArray();
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        Random random = new Random(1);
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i % 80 == 79 ? '\n' : 'a' + random.nextInt(16));
        }
        return content;
    }
}
