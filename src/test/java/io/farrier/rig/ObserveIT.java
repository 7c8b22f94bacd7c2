package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.FileWatch;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Fresh from the package farrier changes nothing (SAFETY 1): it plans, looks and reports, while everything drifts. */
final class ObserveIT {
    /** {@code -Dfarrier.observe.minutes=60} is SAFETY's own measure. */
    private static final Duration WATCHED = Optional.ofNullable(Integer.getInteger("farrier.observe.minutes"))
            .map(Duration::ofMinutes)
            .orElse(Duration.ofSeconds(20));

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("observe")
            .daemonJson("{\"log-driver\": \"json-file\"}\n")
            .seeded(PAUSE);

    @Test
    void writesNothingPullsNothingReloadsNothingAndNamesEveryPendingChangeOnce() throws IOException {
        node.runScript("etcd", "i=0; while :; do i=$((i+1)); echo etcd says line $i; sleep 0.1; done");
        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure(asPackaged() + drift() + "intervals: {reconcile: 1s, health: 1s, images: 1s}\n"
                    + collector.section());
            int reloads = reloads();
            long pulls = pulls();

            try (FileWatch watch = FileWatch.on(places(), this::changesByItself);
                    RunningFarrier agent = node.startFarrier("agent")) {
                assertThat(pending(collector))
                        .containsExactlyInAnyOrder(
                                "docker/certs.d +" + node.registry() + "/ca.crt " + node.registry(),
                                "docker/daemon.json +insecure-registries " + node.plainRegistry(),
                                "docker/daemon.json +insecure-registries " + node.authRegistry(),
                                "docker/daemon.json +live-restore");
                collector.awaitApi(
                        "/api/findings?node=observe",
                        seen -> abouts(seen, "image.missing").size() == 1);
                collector.awaitApi(
                        "/api/logs?node=observe&container=etcd&limit=1",
                        seen -> !seen.path("lines").isEmpty());

                assertThat(watch.writtenWithin(WATCHED)).isEmpty();
                assertThat(watch.differences()).isEmpty();
                assertThat(pulls()).isEqualTo(pulls);
                assertThat(reloads()).isEqualTo(reloads);
                assertThat(agent.isAlive()).isTrue();

                // The same eyes, when something does happen.
                node.farrier("apply").succeeded();
                node.farrier("images", "pull").succeeded();
                assertThat(watch.writtenWithin(PATIENCE)).isNotEmpty();
                assertThat(watch.differences()).anyMatch(it -> it.contains("/ca.crt was absent"));
                await().atMost(PATIENCE).until(() -> reloads() > reloads);
                await().atMost(PATIENCE).until(() -> pulls() > pulls);
            }
        }
    }

    private static String asPackaged() throws IOException {
        return Files.readString(Path.of("conf/farrier.yaml"));
    }

    private String drift() {
        return """
                registries:
                  - host: %s
                    ca: certs/registry-ca.crt
                  - host: %s
                    insecure: true
                  - host: %s
                    insecure: true
                docker: {daemon_json: {live-restore: true}}
                images: {keep: ["%s/%s"]}
                """.formatted(node.registry(), node.plainRegistry(), node.authRegistry(), node.registry(), PAUSE);
    }

    private List<Path> places() {
        return List.of(
                node.file("/etc"),
                node.file("/var/lib"),
                node.file("/var/log"),
                node.directory().resolve("data"));
    }

    /** farrier's own state, and what a container prints. */
    private boolean changesByItself(Path path) {
        return path.startsWith(node.file("/var/lib/farrier")) || path.toString().endsWith("-json.log");
    }

    private static List<String> pending(TestCollector collector) {
        JsonNode findings = collector.awaitApi(
                "/api/findings?node=observe", seen -> abouts(seen, "change.").size() >= 4);
        return abouts(findings, "change.");
    }

    private static List<String> abouts(JsonNode findings, String code) {
        return StreamSupport.stream(findings.path("findings").spliterator(), false)
                .filter(finding -> finding.path("code").asText().startsWith(code))
                .map(finding -> finding.path("about").asText())
                .toList();
    }

    private int reloads() {
        return node.words("dockerd").split("Got signal to reload configuration", -1).length - 1;
    }

    private long pulls() {
        return node.words("registry")
                .lines()
                .filter(line -> line.matches(".*\"(GET|HEAD) /v2/\\S+/(manifests|blobs)/.*"))
                .count();
    }
}
