package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig.LogBounds;
import io.farrier.config.FarrierConfig.Logs;
import io.farrier.finding.Finding;
import io.farrier.finding.Severity;
import io.farrier.logs.Tail;
import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.MemoryCollector;
import io.farrier.testing.RunningContainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is to be said of a tail that reads real files. */
class ShippedLogsTest {
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
    private static final Logs BY_DEFAULT =
            new Logs(List.of(), List.of(), List.of(), List.of(), List.of(), LogBounds.DEFAULT);

    @TempDir
    Path folder;

    @Test
    void nothingIsSaidWhereEveryFileIsHeldByALink() throws Exception {
        DockerLogs docker = new DockerLogs(folder.resolve("docker"));
        docker.write(docker.create("etcd"));

        assertThat(findings(true, docker.table())).isEmpty();
    }

    @Test
    void filesThatOnlyADescriptorHoldsAreCounted() throws Exception {
        DockerLogs docker = new DockerLogs(folder.resolve("docker"));
        docker.write(docker.create("etcd"));
        docker.write(docker.create("kubelet"));

        assertThat(findings(false, docker.table())).singleElement().satisfies(finding -> {
            assertThat(finding.key().code()).isEqualTo("logs.hold");
            assertThat(finding.severity()).isEqualTo(Severity.INFO);
            assertThat(finding.title()).isEqualTo("2 log file(s) are held by descriptors only");
            assertThat(finding.remedy().orElseThrow().sentence()).contains("farrier-held");
        });
    }

    @Test
    void containersInScopeWithoutAFileAreNamedAndNoOthers() throws Exception {
        List<ContainerSample> table = List.of(
                withoutFile("kube-proxy", "kube-proxy"), withoutFile("customer", null), withoutFile("etcd", "etcd"));

        assertThat(findings(true, table)).singleElement().satisfies(finding -> {
            assertThat(finding.key().code()).isEqualTo("logs.no-file");
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.title()).contains("kube-proxy", "etcd").doesNotContain("customer");
        });
    }

    @Test
    void aNodeWhereNoDriverLeavesAFileIsOneFindingOfBoundedLength() throws Exception {
        List<ContainerSample> table = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            table.add(withoutFile("etcd-" + i, "etcd"));
        }

        assertThat(findings(true, table))
                .singleElement()
                .satisfies(finding -> assertThat(finding.title()).hasSizeLessThan(1_000));
    }

    @Test
    void aRuleThatTookTooManyStepsIsNamed() throws Exception {
        DockerLogs docker = new DockerLogs(folder.resolve("docker"));
        ContainerSample etcd = docker.create("etcd");
        Files.writeString(
                Path.of(Objects.requireNonNull(etcd.logPath())),
                "{\"log\":\"" + "a".repeat(200_000)
                        + "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T10:00:00Z\"}\n");
        Logs config = new Logs(List.of(), List.of(), List.of("a(?:.*b)?"), List.of(), List.of(), LogBounds.DEFAULT);

        assertThat(findings(config, true, docker.table())).singleElement().satisfies(finding -> {
            assertThat(finding.key().code()).isEqualTo("logs.redaction-off");
            assertThat(finding.title()).contains("a(?:.*b)?");
        });
    }

    private List<Finding> findings(boolean mayLink, List<ContainerSample> table) throws Exception {
        return findings(BY_DEFAULT, mayLink, table);
    }

    private List<Finding> findings(Logs config, boolean mayLink, List<ContainerSample> table) throws Exception {
        MemoryCollector collector = new MemoryCollector();
        try (Tail tail = new Tail(
                ShippedLogs.wanted(config),
                List.of(),
                Set::of,
                () -> mayLink,
                collector,
                System::nanoTime,
                Clock.systemUTC(),
                Optional.empty())) {
            tail.containers(table);
            tail.turn();
            return ShippedLogs.findings(tail.status(), NOW);
        }
    }

    private static ContainerSample withoutFile(String name, String role) {
        return RunningContainer.of(name + "-id", name, "image:1", null, role, null);
    }
}
