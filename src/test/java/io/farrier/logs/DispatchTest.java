package io.farrier.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the credit is shared when there is more than it lets go. */
final class DispatchTest {
    private static final int FILES = 20;
    private static final int MEGABYTES = 3;
    private static final long CREDIT = 4 << 20;
    private static final long PIECE = 300_000;

    @TempDir
    Path folder;

    @Test
    void manyFilesAtOnceGoInPiecesThatAreWorthAnAck() throws Exception {
        String line = "x".repeat(999) + "\n";
        for (int i = 0; i < FILES; i++) {
            Files.writeString(folder.resolve(i + ".log"), line.repeat(MEGABYTES * 1000), UTF_8);
        }
        try (TailedFolder node = new TailedFolder(
                folder.resolve("state"), WantedLogs.ofFiles(new PlainFiles(List.of(folder + "/*.log"))))) {
            node.tail().containers(List.of());
            // Small pieces of many files are under way, and each ack gives back one of them.
            for (long credit = PIECE; credit <= CREDIT; credit += PIECE) {
                node.collector.credit(credit);
                node.tail().turn();
            }
            int acks = 0;
            do {
                node.pass(Duration.ofMillis(20));
                node.tail().turn();
                if (node.collector.unacked() > 0) {
                    node.collector.ackOneSource(node.tail()::ack);
                    acks++;
                }
            } while (node.tail().status().waitingBytes() > 0);

            assertThat(node.collector.lines()).hasSize(FILES * MEGABYTES * 1000);
            assertThat(acks).as("a megabyte each, and what is left at the ends").isLessThan(FILES * (MEGABYTES + 1));
        }
    }

    @Test
    void aSmallCreditIsUsedTooAndALineIsNotKeptBackByABacklog() throws Exception {
        Path big = folder.resolve("big.log");
        Path small = folder.resolve("small.log");
        Files.writeString(big, ("y".repeat(99) + "\n").repeat(100_000), UTF_8);
        Files.writeString(small, "first\n", UTF_8);
        try (TailedFolder node = new TailedFolder(
                folder.resolve("state"), WantedLogs.ofFiles(new PlainFiles(List.of(folder + "/*.log"))))) {
            node.collector.credit(100_000);
            node.tail().containers(List.of());
            for (int i = 0; i < 10; i++) {
                node.pass(Duration.ofMillis(20));
                node.tail().turn();
                node.collector.ackOneSource(node.tail()::ack);
            }

            assertThat(node.collector.lines()).contains("first");
            assertThat(Stream.of(node.collector.batches())).allMatch(batches -> batches >= 10);
        }
    }
}
