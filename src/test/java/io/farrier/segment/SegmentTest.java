package io.farrier.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentTest {
    private static final List<String> RECORDS = List.of("first", "", "third", "x".repeat(100), "last");

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void aSegmentOfFiveRecords() throws IOException {
        file = folder.resolve("a.segment");
        try (Segment segment = Segment.open(file, (position, payload) -> {})) {
            for (String record : RECORDS) {
                segment.append(bytes(record));
            }
        }
    }

    @Test
    void givesBackWhatWasAppendedInOrder() throws IOException {
        assertThat(records()).isEqualTo(RECORDS);
    }

    @Test
    void readsARecordAtItsPosition() throws IOException {
        try (Segment segment = Segment.open(file, (position, payload) -> {})) {
            long position = segment.append(bytes("found again"));

            assertThat(text(segment.read(position))).isEqualTo("found again");
        }
    }

    @Test
    void stepsOverWhatIsNotReadAtOpeningAndNoticesItsDamageAtReading() throws IOException {
        Path large = folder.resolve("large.segment");
        long first;
        try (Segment segment = Segment.open(large, (position, payload) -> {})) {
            first = segment.appendUnread(bytes("z".repeat(5_000)));
            segment.append(bytes("read"));
        }
        flip(large, first + 1_000);
        List<Long> unread = new ArrayList<>();
        List<Long> read = new ArrayList<>();

        try (Segment segment = Segment.open(large, new Segment.Visitor() {
            @Override
            public void record(long position, ByteBuffer payload) {
                read.add(position);
            }

            @Override
            public void unread(long position) {
                unread.add(position);
            }
        })) {
            assertThat(unread).containsExactly(first);
            assertThat(read).hasSize(1);
            assertThatThrownBy(() -> segment.read(first)).hasMessageContaining("is damaged");
        }
    }

    @Test
    void cutsATornRecordOfThoseThatAreNotReadAtOpening() throws IOException {
        long position;
        try (Segment segment = Segment.open(file, (at, payload) -> {})) {
            position = segment.appendUnread(bytes("y".repeat(50)));
        }
        byte[] all = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(all, all.length - 10));

        try (Segment segment = Segment.open(file, (at, payload) -> {})) {
            assertThat(segment.length()).isEqualTo(position);
            assertThat(segment.cutBytes()).isPositive();
        }
    }

    @Test
    void aRecordThatWasStruckOutIsNoneAndItsNeighboursAre() throws IOException {
        try (Segment segment = Segment.open(file, (at, payload) -> {})) {
            long struck = segment.append(bytes("struck out"));
            segment.append(bytes("stays"));
            segment.strike(struck);
        }

        assertThat(records()).hasSize(6).endsWith("stays").doesNotContain("struck out");
    }

    @Test
    void resumesWithoutWalkingAndTakesBack() throws IOException {
        long end;
        try (Segment segment = Segment.open(file, (at, payload) -> {})) {
            end = segment.length();
        }
        try (Segment segment = Segment.resume(file, end)) {
            segment.append(bytes("sixth"));
            long six = segment.length();
            segment.append(bytes("seventh"));
            segment.cutBack(six);
        }

        assertThat(records()).hasSize(6).endsWith("sixth");
    }

    @Test
    void appendsBehindWhatIsThere() throws IOException {
        try (Segment segment = Segment.open(file, (position, payload) -> {})) {
            segment.append(bytes("sixth"));
        }

        assertThat(records()).hasSize(6).endsWith("sixth");
    }

    @Test
    void isReadableByItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void cutAtAnyByteItKeepsTheRecordsThatAreWhole() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));

            List<String> left = records();

            assertThat(RECORDS.subList(0, left.size())).as("cut at %d", length).isEqualTo(left);
            assertThat(Files.size(file)).as("the torn tail is gone").isLessThanOrEqualTo(Math.max(length, 48));
        }
    }

    @Test
    void aFlippedByteCostsItsOwnRecord() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            Files.write(file, damaged);

            assertThat(records()).as("flipped at %d", at).hasSizeGreaterThanOrEqualTo(RECORDS.size() - 1);
        }
    }

    @Test
    void aRecordInsideADamagedPayloadIsNotARecord() throws IOException {
        Path other = folder.resolve("other.segment");
        try (Segment segment = Segment.open(other, (position, payload) -> {})) {
            segment.append(bytes("forged"));
        }
        byte[] forged = Arrays.copyOfRange(Files.readAllBytes(other), 48, (int) Files.size(other));
        long position;
        try (Segment segment = Segment.open(file, (at, payload) -> {})) {
            position = segment.append(ByteBuffer.wrap(forged));
            segment.append(bytes("behind"));
        }
        byte[] damaged = Files.readAllBytes(file);
        damaged[(int) position] ^= 1;
        Files.write(file, damaged);

        assertThat(records()).doesNotContain("forged").endsWith("behind");
    }

    @Test
    void saysWhatItSkippedAndCut() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        whole[48 + 16] ^= 1; // the first byte of "first"
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));

        try (Segment segment = Segment.open(file, (position, payload) -> {})) {
            assertThat(segment.skippedBytes()).isEqualTo(16 + "first".length());
            assertThat(segment.cutBytes()).isEqualTo(16 + "last".length() - 1);
        }
    }

    @Test
    void niceErrorWhenBothHeadsAreGone() throws IOException {
        Files.writeString(file, "this was never a segment, and it is longer than two heads");

        assertThatThrownBy(this::records)
                .isInstanceOf(NotASegmentException.class)
                .hasMessageContaining(file.toString());
    }

    private List<String> records() throws IOException {
        List<String> records = new ArrayList<>();
        try (Segment segment = Segment.open(file, (position, payload) -> records.add(text(payload)))) {
            assertThat(segment.length()).isEqualTo(Files.size(file));
        }
        return records;
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return UTF_8.decode(bytes.duplicate()).toString();
    }

    private static void flip(Path path, long at) throws IOException {
        byte[] all = Files.readAllBytes(path);
        all[(int) at] ^= 1;
        Files.write(path, all);
    }
}
