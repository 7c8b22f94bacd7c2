package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Docker writes a long line in pieces of 16 KiB, each with a time of its own. */
final class LongLineIT {
    private static final int BYTES = 1 << 20;

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("long-line");

    @Test
    void aLineOfAMegabyteIsFoundWholeWithTheTimeOfItsBeginning() {
        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure("mode: keep\n" + collector.section());
            // The second half comes late: a line that took the time of its last piece would be seen.
            String half = "i=0; while [ $i -lt 8192 ]; do i=$((i+1)); echo -n 0123456789abcdef0123456789abcdef"
                    + "0123456789abcdef0123456789abcde.; done; ";
            node.runScript("etcd", "echo -n BEGIN; " + half + "usleep 1500000; " + half + "echo END; echo after");
            try (RunningFarrier agent = node.startFarrier("agent")) {
                collector.awaitApi(
                        "/api/logs?node=long-line&container=etcd&q=after&limit=1",
                        seen -> seen.path("lines").size() == 1);

                JsonNode line = collector
                        .api("/api/logs?node=long-line&container=etcd&q=BEGIN&limit=2")
                        .path("lines");

                assertThat(line).hasSize(1);
                assertThat(line.get(0).path("text").asText())
                        .startsWith("BEGIN0123")
                        .endsWith("de.END")
                        .hasSize(BYTES + "BEGIN".length() + "END".length());
                assertThat(Instant.parse(line.get(0).path("time").asText()))
                        .isEqualTo(firstPiece())
                        .isBefore(lastPiece().minusMillis(1000));
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    private Instant firstPiece() {
        return timeOf("head");
    }

    private Instant lastPiece() {
        return timeOf("tail");
    }

    /** Of the first line of Docker's file, or of the last one. */
    private Instant timeOf(String end) {
        String piece = node.exec(
                        "sh",
                        "-c",
                        end + " -n 1 $(docker inspect -f '{{.LogPath}}' etcd)"
                                + " | sed 's/.*\"time\":\"\\([^\"]*\\)\".*/\\1/'")
                .succeeded()
                .out()
                .strip();
        return Instant.parse(piece);
    }
}
