package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.FileWatch;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.PythonCollector;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The collector cannot change a node (SAFETY 31), not even one that does nothing but try. */
final class HostileCollectorIT {
    /** {@code -Dfarrier.hostile.minutes=10} is SAFETY's own measure. */
    private static final Duration ATTACKED = Optional.ofNullable(Integer.getInteger("farrier.hostile.minutes"))
            .map(Duration::ofMinutes)
            .orElse(Duration.ofSeconds(15));

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** An idle agent has a third of it; the largest message that is sent to it here has 8 MiB. */
    private static final long MAX_RESIDENT_KIB = 400 << 10;

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("attacked").seeded(PAUSE);

    @Test
    void changesNoFileTakesNoMemoryAndFillsNoJournal() throws IOException {
        node.runScript("etcd", "i=0; while :; do i=$((i+1)); echo etcd says line $i; sleep 0.05; done");
        try (PythonCollector collector = PythonCollector.beside(node, "hostile_collector.py")) {
            node.configure(keeping() + collector.section());
            node.farrier("apply").succeeded();
            try (RunningFarrier agent = node.startFarrier("agent")) {
                await("its own first round is over")
                        .atMost(PATIENCE)
                        .until(() -> attacks(collector) > 0 && Files.exists(held()) && Files.exists(caUses()));
                int dockerd = node.pid("dockerd");
                int said = agent.output().length();

                try (FileWatch watch = FileWatch.on(places(), this::isTheCollectorsToMove)) {
                    assertThat(watch.writtenWithin(ATTACKED)).isEmpty();
                    await().atMost(PATIENCE).until(() -> attacks(collector) >= kinds(collector));
                    assertThat(watch.writtenWithin(Duration.ZERO)).isEmpty();
                    assertThat(watch.differences()).isEmpty();
                }

                assertThat(residentKib(agent)).isLessThan(MAX_RESIDENT_KIB);
                String journal = agent.output().substring(said);
                assertThat(journal.lines().count()).as(journal).isLessThan(10 + 3 * ATTACKED.toMinutes());
                assertThat(journal.lines())
                        .noneMatch(line -> line.contains("Z FORGED line") && !line.contains("\\u000d"));
                assertThat(journal).doesNotContain("\u001b");
                assertThat(node.pid("dockerd")).isEqualTo(dockerd);
                assertThat(node.farrier("status").out()).contains("attacked", "running");
                assertThat(collector.output()).doesNotContain("Traceback");
            }
        }
    }

    private String keeping() {
        return """
                mode: keep
                intervals: {reconcile: 1s, health: 1s, images: 1s}
                registries:
                  - {host: "%s", ca: certs/registry-ca.crt}
                docker: {daemon_json: {live-restore: true}}
                """.formatted(node.registry());
    }

    private List<Path> places() {
        return List.of(
                node.file("/etc"),
                node.file("/var/lib"),
                node.file("/var/log"),
                node.directory().resolve("data"));
    }

    /** How far the collector is, and what waits for it; and what a container prints. */
    private boolean isTheCollectorsToMove(Path path) {
        Path state = node.file("/var/lib/farrier");
        boolean isCursor =
                path.getParent().equals(state) && path.getFileName().toString().contains("cursors");
        return isCursor
                || path.startsWith(state.resolve("spool"))
                || path.startsWith(held())
                || path.toString().endsWith("-json.log");
    }

    private Path held() {
        return node.directory().resolve("data/farrier-held");
    }

    /** What the agent's first look at the registries leaves. */
    private Path caUses() {
        return node.file("/var/lib/farrier/ca-uses.json");
    }

    private static long attacks(PythonCollector collector) {
        return collector
                .output()
                .lines()
                .filter(line -> line.contains("\"attack\""))
                .count();
    }

    private static long kinds(PythonCollector collector) {
        return Long.parseLong(
                collector.output().lines().findFirst().orElseThrow().replaceAll(".*\"attacks\": (\\d+).*", "$1"));
    }

    private static long residentKib(RunningFarrier agent) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + agent.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
