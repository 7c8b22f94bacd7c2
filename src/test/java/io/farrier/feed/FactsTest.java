package io.farrier.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.finding.Remedy;
import io.farrier.finding.Severity;
import io.farrier.image.RegistryHost;
import io.farrier.plan.Change;
import io.farrier.plan.Consequence;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Outcome;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.NodeSample;
import io.farrier.sample.RegistryStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FactsTest {
    private static final Instant AT = Instant.parse("2026-11-20T10:15:30Z");

    @Test
    void aNode() {
        NodeSample sample = new NodeSample(
                2, 12.5, 1, 0.5, 0.25, 4096, 1024, 0, 0, 77, List.of(new NodeSample.Disk("/", 100, 40, 10, 9)));

        assertThat(Facts.node(new Facts.NodeFacts(
                                "0.1.0",
                                "Debian 12",
                                "6.1",
                                "keep",
                                Optional.of(new Facts.RuntimeFacts("docker", "20.10.24", true)),
                                Optional.of(sample)))
                        .toString())
                .isEqualTo("""
                        {"version":"0.1.0","os":"Debian 12","kernel":"6.1","mode":"keep",\
                        "runtime":{"name":"docker","version":"20.10.24","reachable":true},\
                        "sample":{"cores":2,"cpu_percent":12.5,"load1":1.0,"load5":0.5,"load15":0.25,\
                        "memory_total_bytes":4096,"memory_available_bytes":1024,"swap_total_bytes":0,"swap_used_bytes":0,\
                        "uptime_seconds":77,"disks":[{"mount":"/","total_bytes":100,"free_bytes":40,"inodes_total":10,"inodes_free":9}]}}\
                        """);
    }

    @Test
    void aContainerLeavesOutWhatItHasNot() {
        assertThat(Facts.containers(List.of(container(Map.of("a", "b")))).toString())
                .isEqualTo("""
                        {"containers":[{"id":"c1","name":"etcd","image":"rke-etcd:1","state":"running",\
                        "started_at":"2026-11-20T10:15:30Z","exit_code":0,"oom_killed":false,"restarts":2,"health":"none",\
                        "role":"etcd","log_path":"/l","labels":{"a":"b"}}]}\
                        """);
    }

    @Test
    void anImageARegistryAndAFinding() {
        assertThat(Facts.images(List.of(new ImageStatus(
                                "docker.io/a/b:1",
                                ImageStatus.State.FAILED,
                                Optional.empty(),
                                Optional.empty(),
                                0,
                                "x509: unknown authority")))
                        .toString())
                .isEqualTo(
                        "{\"images\":[{\"reference\":\"docker.io/a/b:1\",\"state\":\"failed\",\"size_bytes\":0,\"reason\":\"x509: unknown authority\"}]}");
        assertThat(Facts.registries(List.of(new RegistryStatus(
                                "reg:5000",
                                RegistryStatus.Trust.KEPT,
                                false,
                                "answers",
                                Optional.of("2027-01-01T00:00:00Z"))))
                        .toString())
                .isEqualTo(
                        "{\"registries\":[{\"host\":\"reg:5000\",\"trust\":\"kept\",\"insecure\":false,\"verdict\":\"answers\",\"ca_expires\":\"2027-01-01T00:00:00Z\"}]}");
        assertThat(Facts.findings(List.of(new Finding(
                                FindingKey.of("registry.untrusted", "reg:5000"),
                                Severity.ERROR,
                                "title",
                                "detail",
                                Optional.of(Remedy.of("do it", "farrier apply")),
                                Set.of(FindingKey.of("b"), FindingKey.of("a")),
                                AT)))
                        .toString())
                .isEqualTo("""
                        {"findings":[{"code":"registry.untrusted","about":"reg:5000","severity":"error","title":"title","detail":"detail",\
                        "remedy":{"sentence":"do it","command":"farrier apply"},\
                        "causes":[{"code":"a","about":""},{"code":"b","about":""}],"since":"2026-11-20T10:15:30Z"}]}\
                        """);
    }

    @Test
    void anOutcome() {
        Change change = new Change(
                Change.Kind.ADD,
                "live-restore",
                Optional.empty(),
                Optional.of("true"),
                Optional.of(RegistryHost.parse("reg:5000")),
                Optional.of(new Consequence(new DaemonName("docker"), Consequence.Action.RELOAD, "read at reload")));

        assertThat(Facts.outcome(new Outcome(
                                new ResourceName("docker/daemon.json"),
                                Outcome.Result.ROLLED_BACK,
                                List.of(change),
                                List.of(new Withheld(change, "paused", List.of("etcd"))),
                                Optional.of(new Reason("tried", "saw", "todo")),
                                AT))
                        .toString())
                .isEqualTo("""
                        {"resource":"docker/daemon.json","result":"rolled_back",\
                        "done":[{"kind":"add","key":"live-restore","after":"true","about":"reg:5000",\
                        "consequence":{"daemon":"docker","action":"reload","because":"read at reload"}}],\
                        "withheld":[{"change":{"kind":"add","key":"live-restore","after":"true","about":"reg:5000",\
                        "consequence":{"daemon":"docker","action":"reload","because":"read at reload"}},"because":"paused","would_stop":["etcd"]}],\
                        "reason":{"tried":"tried","saw":"saw","todo":"todo"},"at":"2026-11-20T10:15:30Z"}\
                        """);
    }

    @Test
    void aFullNodeWithHugeLabelsFitsAFrame() {
        Map<String, String> labels =
                IntStream.range(0, 500).boxed().collect(Collectors.toMap(i -> "label-" + i, i -> "v".repeat(10_000)));
        List<ContainerSample> full =
                IntStream.range(0, 150).mapToObj(i -> container(labels)).toList();

        assertThat(FrameCodec.encode(new Frame.Event("s", 1, Frame.Topic.CONTAINERS, AT, Facts.containers(full)))
                        .remaining())
                .isLessThan(FrameCodec.MAX_HEADER_BYTES);
    }

    private static ContainerSample container(Map<String, String> labels) {
        return new ContainerSample(
                "c1",
                "etcd",
                "rke-etcd:1",
                ContainerSample.State.RUNNING,
                Optional.of(AT),
                Optional.empty(),
                0,
                false,
                2,
                ContainerSample.Health.NONE,
                null,
                "etcd",
                "/l",
                0,
                labels);
    }
}
