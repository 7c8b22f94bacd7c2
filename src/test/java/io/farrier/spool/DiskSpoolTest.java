package io.farrier.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.Frame.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpoolTest extends SpoolContract {
    /** An event of the contract is about 1.1 KiB on disk. */
    private static final long BYTES = ROOM * 1200L;

    @TempDir
    Path folder;

    private final Random random = new Random(7);
    private Spool spool;

    @BeforeEach
    void open() throws IOException {
        spool = DiskSpool.open(folder, BYTES, random);
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    @Override
    Spool spool() {
        return spool;
    }

    @Test
    void keepsEverythingOverAKill() throws IOException {
        String id = spool.id();
        long acked = append(Topic.OUTCOME, 1).seq();
        append(Topic.OUTCOME, 2);
        append(Topic.NODE, 3);
        spool.ack(acked);

        reopenAsAfterAKill();

        assertThat(kept()).containsExactly("OUTCOME 2", "NODE 3");
        assertThat(spool.id()).isEqualTo(id);
    }

    @Test
    void neverGivesANumberTwice() throws IOException {
        long before = append(Topic.NODE, 1).seq();
        spool.ack(before);

        reopenAsAfterAKill();

        assertThat(append(Topic.NODE, 2).seq()).isGreaterThan(before);
    }

    @Test
    void neverGivesANumberTwiceThoughThePowerCutTookTheLastRecords() throws IOException {
        append(Topic.NODE, 1);
        long onDisk = Files.size(file());
        long sent = append(Topic.NODE, 2).seq();
        spool.close();
        Files.write(file(), Arrays.copyOf(Files.readAllBytes(file()), (int) onDisk));

        open();

        assertThat(append(Topic.NODE, 3).seq()).isGreaterThan(sent);
    }

    @Test
    void cutAtAnyByteItOpensAndKeepsTheWholeEvents() throws IOException {
        append(Topic.OUTCOME, 1);
        append(Topic.OUTCOME, 2);
        spool.close();
        byte[] whole = Files.readAllBytes(file());
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file(), Arrays.copyOf(whole, length));

            open();

            assertThat(kept()).as("cut at %d", length).isSubsetOf("OUTCOME 1", "OUTCOME 2");
            append(Topic.OUTCOME, 3);
            assertThat(kept()).as("cut at %d", length).endsWith("OUTCOME 3");
            spool.close();
        }
        open();
    }

    @Test
    void aFlippedByteCostsAtMostOneEvent() throws IOException {
        append(Topic.OUTCOME, 1);
        append(Topic.OUTCOME, 2);
        append(Topic.OUTCOME, 3);
        spool.close();
        byte[] whole = Files.readAllBytes(file());
        for (int at = 48; at < whole.length; at += 5) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x20;
            Files.write(file(), damaged);

            open();

            assertThat(kept()).as("flipped at %d", at).hasSizeGreaterThanOrEqualTo(2);
            spool.close();
        }
        open();
    }

    @Test
    void startsANewSequenceWhenNobodyKnowsWhichNumbersWereUsed() throws IOException {
        String id = spool.id();
        append(Topic.OUTCOME, 1);
        append(Topic.OUTCOME, 2);
        spool.close();
        damageFirstNote();

        open();

        assertThat(spool.id()).isNotEqualTo(id);
        assertThat(spool.after(0, 9))
                .allMatch(event -> event.spool().equals(spool.id()))
                .hasSize(2);
    }

    @Test
    void opensOverAFileThatIsNoSegment() throws IOException {
        spool.close();
        Files.writeString(file(), "x".repeat(5000));

        open();

        append(Topic.OUTCOME, 1);
        assertThat(kept()).containsExactly("OUTCOME 1");
    }

    @Test
    void theFileStaysBoundedWhileEventsComeAndGo() throws IOException {
        for (int i = 0; i < 500; i++) {
            spool.ack(append(Topic.NODE, i).seq());
            assertThat(Files.size(file())).isLessThanOrEqualTo(2 * BYTES + 2000);
        }
    }

    @Test
    void theFileStaysSmallWhileEventsAreTakenAsTheyCome() throws IOException {
        spool.close();
        spool = DiskSpool.open(folder, 64 << 10, random);
        long largest = 0;
        for (int i = 0; i < 200; i++) {
            append(Topic.OUTCOME, i);
            spool.ack(append(Topic.NODE, i).seq());
            largest = Math.max(largest, Files.size(file()));
        }
        assertThat(largest).isBetween(6L << 10, 8L << 10);
    }

    @Test
    void anOpeningWritesNothingWhileThereIsLittleToGain() throws IOException {
        append(Topic.OUTCOME, 1);
        spool.ack(append(Topic.NODE, 2).seq());
        append(Topic.OUTCOME, 3);
        spool.close();
        byte[] before = Files.readAllBytes(file());

        open();

        assertThat(Files.readAllBytes(file())).isEqualTo(before);
        assertThat(kept()).containsExactly("OUTCOME 3");
    }

    @Test
    void anOpeningLeavesOutWhatIsAcknowledgedWhereThatIsMostOfTheFile() throws IOException {
        spool.close();
        spool = DiskSpool.open(folder, 10 << 20, random);
        long last = 0;
        for (int i = 0; i < 400; i++) {
            last = append(Topic.OUTCOME, i).seq();
        }
        spool.ack(last - 1);
        long before = Files.size(file());

        spool.close();
        spool = DiskSpool.open(folder, 10 << 20, random);

        assertThat(Files.size(file())).isLessThan(before / 100);
        assertThat(kept()).containsExactly("OUTCOME 399");
        assertThat(append(Topic.OUTCOME, 400).seq()).isGreaterThan(last);
    }

    @Test
    void aNewSequenceIsStartedOnce() throws IOException {
        append(Topic.OUTCOME, 1);
        spool.close();
        damageFirstNote();

        open();
        String id = spool.id();
        spool.close();
        open();

        assertThat(spool.id()).isEqualTo(id);
        assertThat(kept()).containsExactly("OUTCOME 1");
    }

    @Test
    void saysWhatWasDamagedAndOnlyThen() throws IOException {
        append(Topic.OUTCOME, 1);
        append(Topic.OUTCOME, 2);
        reopenAsAfterAKill();
        assertThat(spool.damage()).isEmpty();
        spool.close();
        damageFirstNote();

        open();

        assertThat(spool.damage())
                .hasValueSatisfying(clause ->
                        assertThat(clause).matches("[1-9][0-9]* bytes in .*events\\.segment, and the events in them"));
    }

    @Test
    void saysThatItsHeadWasDamaged() throws IOException {
        spool.close();
        byte[] damaged = Files.readAllBytes(file());
        Arrays.fill(damaged, 0, 48, (byte) 0);
        Files.write(file(), damaged);

        open();

        assertThat(spool.damage())
                .hasValueSatisfying(clause -> assertThat(clause).contains("the head of ", "events.damaged"));
    }

    private void reopenAsAfterAKill() throws IOException {
        Spool abandoned = spool;
        open();
        abandoned.close();
    }

    private void damageFirstNote() throws IOException {
        byte[] damaged = Files.readAllBytes(file());
        damaged[48 + 16 + 1] ^= 1;
        Files.write(file(), damaged);
    }

    private Path file() {
        return folder.resolve("events.segment");
    }
}
