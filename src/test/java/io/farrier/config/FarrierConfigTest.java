package io.farrier.config;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig.Distribution;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.FarrierConfig.Restart;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.Profile;
import io.farrier.pki.PemFixture;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FarrierConfigTest {
    @TempDir
    private Path root;

    @ParameterizedTest
    @ValueSource(strings = {"", "\ufeff", "# nothing\r\n", "---\n", "\r\n\r\n", "{}"})
    void saysNothingAndGetsTheDefaults(String nothing) throws Exception {
        FarrierConfig config = folder().load(nothing).config();

        assertThat(config.mode()).isEqualTo(Mode.OBSERVE);
        assertThat(config.node())
                .isEqualTo(new FarrierConfig.Node("worker-1", Distribution.AUTO, Map.of(), Optional.empty()));
        assertThat(config.registries()).isEmpty();
        assertThat(config.mirrors()).isEmpty();
        assertThat(config.docker().daemonJson()).isEmpty();
        assertThat(config.images())
                .isEqualTo(new FarrierConfig.Images(
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        3,
                        FarrierConfig.Pulls.DEFAULT));
        assertThat(config.runtime()).isEqualTo(new FarrierConfig.Runtime(Restart.NEVER, Optional.empty()));
        assertThat(config.collector()).isEmpty();
        assertThat(config.logs())
                .isEqualTo(new FarrierConfig.Logs(
                        List.of(), List.of(), List.of(), List.of(), List.of(), FarrierConfig.LogBounds.DEFAULT));
        assertThat(config.intervals()).isEqualTo(new FarrierConfig.Intervals(60, 10, 300));
        assertThat(config.stateDir()).isEqualTo(Path.of("/var/lib/farrier"));
    }

    @Test
    void everyPropertyArrivesWhereItBelongs() throws Exception {
        FarrierConfig config = full().load().config();

        assertThat(config.mode()).isEqualTo(Mode.KEEP);
        assertThat(config.node())
                .isEqualTo(new FarrierConfig.Node(
                        "edge-7", Distribution.RKE2, Map.of("cluster", "demo", "rack", "7"), Optional.empty()));
        assertThat(config.mirrors())
                .isEqualTo(Map.of(
                        "docker.io",
                        new FarrierConfig.Mirror(
                                List.of(URI.create("https://registry.example:5000"), URI.create("http://b.example")),
                                Map.of("^rancher/(.*)", "mirrors/rancher/$1"))));
        assertThat(config.docker().daemonJson())
                .isEqualTo(Map.of(
                        "live-restore",
                        true,
                        "max-concurrent-downloads",
                        new BigInteger("3"),
                        "log-opts",
                        Map.of("max-size", "10m", "splunk-token", "s3cr3t"),
                        "dns",
                        List.of("10.0.0.1")));
        assertThat(config.images())
                .isEqualTo(new FarrierConfig.Images(
                        Optional.of(RegistryHost.parse("registry.example:5000")),
                        List.of(
                                Reference.parse("rancher/mirrored-pause:3.6"),
                                Reference.parse("rancher/kubectl:v1.26.3"),
                                Reference.parse("busybox")),
                        List.of(Path.of("/etc/farrier/images.d/a.txt"), Path.of("/etc/farrier/images.d/b.txt")),
                        List.of("cis-benchmark"),
                        Optional.of(Mode.OFF),
                        5,
                        new FarrierConfig.Pulls(
                                List.of(RegistryHost.parse("second.example:5000")),
                                Path.of("/etc/farrier/pins/images.lock"),
                                FarrierConfig.Hold.ALL,
                                70,
                                Optional.of(20L << 30),
                                Optional.of(10L << 20),
                                3,
                                java.time.Duration.ofSeconds(30))));
        assertThat(config.runtime())
                .isEqualTo(new FarrierConfig.Runtime(Restart.ALLOW, Optional.of(Path.of("/run/docker.sock"))));
        assertThat(config.logs())
                .isEqualTo(new FarrierConfig.Logs(
                        List.of("kubelet", "kube-system/*/*"),
                        List.of("noisy"),
                        List.of("id=(\\d+)"),
                        List.of("/var/log/rke2/*.log"),
                        List.of("ssh.service"),
                        new FarrierConfig.LogBounds(
                                500L << 20, 64L << 20, Optional.of(20L << 20), Optional.of(5L << 20))));
        assertThat(config.intervals()).isEqualTo(new FarrierConfig.Intervals(120, 5, 3600));
        assertThat(config.stateDir()).isEqualTo(Path.of("/srv/farrier"));
    }

    @Test
    void registriesAndTheCollectorComeWithTheirFiles() throws Exception {
        FarrierConfig config = full().load().config();

        Registry registry = config.registries().get(0);
        assertThat(registry.host()).isEqualTo(RegistryHost.parse("registry.example:5000"));
        assertThat(new String(registry.ca().orElseThrow(), US_ASCII)).isEqualTo(text("ca.crt") + text("other-ca.crt"));
        assertThat(new String(registry.client().orElseThrow().cert(), US_ASCII)).isEqualTo(text("client.cert"));
        assertThat(registry.client().orElseThrow().key().reveal()).isEqualTo(text("client.key"));
        assertThat(registry.auth().orElseThrow().username()).isEqualTo("robot");
        assertThat(registry.auth().orElseThrow().password().reveal()).isEqualTo("pass word");
        assertThat(registry.auth().orElseThrow().realmHosts()).containsExactly("auth.example");
        assertThat(registry.mode()).contains(Mode.OBSERVE);
        assertThat(registry.insecure()).isFalse();
        assertThat(config.registries().get(1).insecure()).isTrue();

        FarrierConfig.CollectorLink collector = config.collector().orElseThrow();
        assertThat(collector.url()).isEqualTo(URI.create("wss://collector.example:8470/feed"));
        assertThat(collector.sha256()).contains("9a5fd02bd329cf8ecb6592e75c706a4670daeea1b310ebbef0d01a8b46659f4f");
        assertThat(collector.token().reveal()).isEqualTo("t0ken");
    }

    @Test
    void allMistakesComeInOneReport() {
        assertThat(folder().problems("""
                        modus: keep
                        mode: keeep
                        node: {name: "Über", labels: []}
                        registries:
                          - host: https://registry.example
                            caa: certs/ca.crt
                          - host: registry.example:70000
                          - ca: certs/absent.crt
                            auth: hunter2
                        mirrors:
                          docker.io: {endpoints: [registry.example:5000]}
                          quay.io: {endpoints: ["ftp://registry.example"], rewrite: {"(?=x)": y}}
                        images:
                          keep: []
                          parallel: three
                          profiles: [cis]
                        runtime: {restart: yes, socket: docker.sock}
                        collector: {url: "ws://collector.example/feed"}
                        intervals: {reconcile: 60}
                        state_dir:
                        """))
                .containsExactly(
                        "farrier.yaml:1: Configuration property 'modus' is not known. Did you mean 'mode'?",
                        "farrier.yaml:2: Configuration property 'mode' is wrong:"
                                + " 'keeep' is none of observe, keep, off. Did you mean 'keep'?",
                        "farrier.yaml:3: Configuration property 'node.name' must be a node name of small letters,"
                                + " digits, '-' and '.', but is 'Über'",
                        "farrier.yaml:3: Configuration property 'node.labels' must be a mapping, but is a list",
                        "farrier.yaml:5: Configuration property 'registries[0].host' is wrong: 'https://registry.example'"
                                + " is a URL; a registry is named host[:port], without a scheme",
                        "farrier.yaml:6: Configuration property 'registries[0].caa' is not known. Did you mean 'ca'?",
                        "farrier.yaml:7: Configuration property 'registries[1].host' is wrong:"
                                + " port 70000 of 'registry.example:70000' is out of range (1 to 65535)",
                        "farrier.yaml:8: Configuration property 'registries[2].host' is missing",
                        "farrier.yaml:8: Configuration property 'registries[2].ca' names a file that is not there:"
                                + " certs/absent.crt",
                        "farrier.yaml:9: Configuration property 'registries[2].auth' must be a mapping with username,"
                                + " password_file, realm_hosts, but is a single value",
                        "farrier.yaml:11: Configuration property 'mirrors[docker.io].endpoints[0]' is wrong:"
                                + " expected a URL with a host that begins with https:// or http://",
                        "farrier.yaml:12: Configuration property 'mirrors[quay.io].endpoints[0]' is wrong:"
                                + " expected a URL with a host that begins with https:// or http://",
                        "farrier.yaml:12: Configuration property 'mirrors[quay.io].rewrite' has a wrong key: '(?=x)' uses"
                                + " look-around, back references or possessive repetition, which Go does not have",
                        "farrier.yaml:14: Configuration property 'images.keep' is an empty list;"
                                + " name at least one, or remove the line",
                        "farrier.yaml:15: Configuration property 'images.parallel' must be a whole number from 1 to 16,"
                                + " but is 'three'",
                        "farrier.yaml:16: Configuration property 'images.profiles[0]' is wrong: 'cis' is none of"
                                + " cis-benchmark, pause, rancher-minimal. Did you mean 'cis-benchmark'?",
                        "farrier.yaml:17: Configuration property 'runtime.restart' is wrong:"
                                + " 'yes' is none of never, allow.",
                        "farrier.yaml:17: Configuration property 'runtime.socket' must be auto or an absolute path,"
                                + " but is 'docker.sock'",
                        "farrier.yaml:18: Configuration property 'collector.url' is wrong:"
                                + " expected a URL with a host that begins with wss://",
                        "farrier.yaml:18: Configuration property 'collector.token_file' is missing",
                        "farrier.yaml:18: Configuration property 'collector.url' needs exactly one of 'ca' and 'sha256'"
                                + " beside it, to know the collector by",
                        "farrier.yaml:19: Configuration property 'intervals.reconcile' must be a duration such as 60s,"
                                + " 5m or 1h, of 24h at most, but is '60'",
                        "farrier.yaml:20: Configuration property 'state_dir' must be an absolute path, but is nothing");
    }

    /** SAFETY 62. */
    @Test
    void insecureIsRefusedTogetherWithWhatItWouldMakeWorthless() {
        folder().writeFixture("ca.crt", "ca.crt").write("robot", "x");

        assertThat(folder().problems("""
                        registries:
                          - host: plain.example:5000
                            insecure: true
                            ca: ca.crt
                            auth: {username: robot, password_file: robot}
                        """))
                .containsExactly(
                        "farrier.yaml:4: Configuration property 'registries[0].ca' cannot be combined with"
                                + " 'insecure: true': it would not protect anything",
                        "farrier.yaml:5: Configuration property 'registries[0].auth' cannot be combined with"
                                + " 'insecure: true': it would not protect anything");
    }

    @Test
    void aHostIsConfiguredOnce() {
        assertThat(folder().problems("registries:\n  - host: a.example\n  - host: b.example\n  - host: a.example\n"))
                .containsExactly(
                        "farrier.yaml:4: Configuration property 'registries[2]' has the same host as the one in"
                                + " farrier.yaml:2; make them one");
    }

    @Test
    void modeOffIsATextAlthoughYamlOnceReadItAsFalse() throws Exception {
        assertThat(folder().load("mode: off").config().mode()).isEqualTo(Mode.OFF);
    }

    @Test
    void addressesMayBeIpv6() throws Exception {
        FarrierConfig config = folder().load("""
                        registries: [{host: "[2001:db8::1]:5000"}]
                        mirrors: {"*": {endpoints: ["https://[2001:db8::1]:5000"]}}
                        """).config();

        assertThat(config.registries().get(0).host().name()).isEqualTo("[2001:db8::1]");
        assertThat(config.mirrors().get("*").endpoints()).hasSize(1);
    }

    @Test
    void aServersTurnNamesAllTheOthers() throws Exception {
        FarrierConfig.RestartSlot slot =
                folder().load("""
                        node: {restart_slot: 2/3, members: ["https://10.0.0.1:9345/ping", "http://10.0.0.3:2381/health"]}
                        """).config().node().restartSlot().orElseThrow();

        assertThat(List.of(slot.number(), slot.of())).containsExactly(2, 3);
        assertThat(slot.members())
                .containsExactly(URI.create("https://10.0.0.1:9345/ping"), URI.create("http://10.0.0.3:2381/health"));
        assertThat(folder().load("node: {restart_slot: 1/1}").config().node().restartSlot())
                .isPresent();
        assertThat(folder().problems("node: {restart_slot: 1/3, members: ['https://10.0.0.1:9345/ping']}"))
                .containsExactly("farrier.yaml:1: Configuration property 'node.restart_slot' means 2 other servers, and"
                        + " 'members' lists 1: list every other one, and not this node");
        assertThat(folder().problems("node: {members: ['https://10.0.0.1:9345/ping']}"))
                .containsExactly("farrier.yaml:1: Configuration property 'node.members' is of no use without"
                        + " 'restart_slot'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/3", "4/3", "1", "1/", "/3", "1/3/5", "a/b", "100/100", "-1/3"})
    void aTurnIsOneOfSo(String slot) {
        assertThat(folder().problems("node: {restart_slot: '" + slot + "'}"))
                .anySatisfy(problem -> assertThat(problem).contains("'node.restart_slot'", "such as 1/3"));
    }

    @Test
    void aCaIsUnusedForWholeDays() throws Exception {
        assertThat(folder().load("findings: {ca_unused: 90d}")
                        .config()
                        .findings()
                        .caUnused())
                .isEqualTo(Duration.ofDays(90));
        assertThat(folder().load("").config().findings().caUnused()).isEqualTo(Duration.ofDays(30));
        assertThat(folder().problems("findings: {ca_unused: 5h}"))
                .containsExactly(
                        "farrier.yaml:1: Configuration property 'findings.ca_unused' is counted in days: at least 1d");
    }

    @Test
    void whatTheAgentMayCostIsANumberAndASize() throws InvalidConfigException {
        assertThat(folder().load("budget: {cpu: 20, memory: 128MiB}").config().budget())
                .isEqualTo(new FarrierConfig.Budget(20, 128L << 20));
        assertThat(folder().load("").config().budget()).isEqualTo(FarrierConfig.Budget.DEFAULT);
        assertThat(folder().problems("budget: {cpu: 0}"))
                .singleElement()
                .asString()
                .contains("from 1 to 800");
    }

    @Test
    void labelsMayComeFromAFileThatSomethingElseWrote() throws InvalidConfigException {
        ConfigFolder folder = folder().write("labels", "# of the metadata service\nzone = a\n\nrack=7\nnote=a=b\n");
        assertThat(folder.load("node: {labels_file: labels, labels: {rack: 8}}")
                        .config()
                        .node()
                        .labels())
                .containsExactlyInAnyOrderEntriesOf(Map.of("zone", "a", "rack", "8", "note", "a=b"));
        assertThat(folder.write("labels", "<html>404</html>\n").problems("node: {labels_file: labels}"))
                .containsExactly(
                        "farrier.yaml:1: Configuration property 'node.labels_file' is wrong: labels holds a line"
                                + " that is not 'name=value'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"^rancher/(.*)", "(?P<name>a+)/b", "[a-z0-9.*+]+", "(?i)x", "a\\.b*?", "\\\\1"})
    void aRewriteThatGoTakesIsTaken(String pattern) {
        assertThat(rewriteProblems(pattern)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"(?!a)b", "(?<=a)b", "(a)\\1", "a++", "(?>a)", "(a", "[a", ""})
    void aRewriteThatWouldKeepK3sFromStartingIsRefused(String pattern) {
        assertThat(rewriteProblems(pattern)).singleElement().asString().contains("rewrite' has a wrong key");
    }

    @Test
    void theProfilesAreTheOnesThatAreShipped() {
        assertThat(FarrierYaml.PROFILES).isEqualTo(Profile.names());
    }

    private List<String> rewriteProblems(String pattern) {
        return folder().problems(
                        "mirrors: {docker.io: {endpoints: ['https://a.example'], rewrite: {'" + pattern + "': x}}}");
    }

    private ConfigFolder full() {
        return folder().writeFixture("certs/registry-ca.crt", "ca.crt")
                .writeFixture("certs/c.cert", "client.cert")
                .writeFixture("certs/c.key", "client.key")
                .write("secrets/robot", "pass word\n")
                .write("secrets/token", "t0ken\n")
                .write("images.d/b.txt", "docker.io/rancher/mirrored-pause:3.6\nbusybox\n")
                .write("images.d/a.txt", "# from Rancher\r\n\r\nrancher/kubectl:v1.26.3\r\n")
                .write("farrier.yaml", """
                        mode: keep
                        node: {name: edge-7, distribution: rke2, labels: {cluster: demo, rack: 7}}
                        registries:
                          - host: registry.example:5000
                            ca: [certs/registry-ca.crt, certs/registry-ca.crt]
                            ca_pem: |
                        %s
                            client: {cert: certs/c.cert, key: certs/c.key}
                            auth: {username: robot, password_file: secrets/robot, realm_hosts: [Auth.example]}
                            insecure: false
                            mode: observe
                          - host: plain.example:5000
                            insecure: true
                        mirrors:
                          docker.io:
                            endpoints: ["https://registry.example:5000", "http://b.example"]
                            rewrite: {"^rancher/(.*)": "mirrors/rancher/$1"}
                        docker:
                          daemon_json:
                            live-restore: true
                            max-concurrent-downloads: 3
                            log-opts: {max-size: 10m, splunk-token: s3cr3t}
                            dns: [10.0.0.1]
                        images:
                          system_default_registry: registry.example:5000
                          keep: [rancher/mirrored-pause:3.6]
                          lists: [images.d/*.txt]
                          profiles: [cis-benchmark]
                          mode: off
                          parallel: 5
                          fallbacks: ["second.example:5000"]
                          lock: pins/images.lock
                          hold: all
                          gc_threshold: 70
                          max_bytes: 20GiB
                          max_rate: 10MiB
                          returns: 3
                          patience: 30s
                        runtime: {restart: allow, socket: /run/docker.sock}
                        collector:
                          url: wss://collector.example:8470/feed
                          sha256: 9A:5F:D0:2B:D3:29:CF:8E:CB:65:92:E7:5C:70:6A:46:70:DA:EE:A1:B3:10:EB:BE:F0:D0:1A:8B:46:65:9F:4F
                          token_file: secrets/token
                        logs: {include: [kubelet, kube-system/*/*], exclude: [noisy], redact: ['id=(\\d+)'], hold_bytes: 500MiB,
                               files: [/var/log/rke2/*.log], history_bytes: 64MiB, node_rate: 20MiB, log_rate: 5MiB,
                               units: [ssh.service]}
                        intervals: {reconcile: 2m, health: 5s, images: 1h}
                        state_dir: /srv/farrier
                        """.formatted(
                                text("other-ca.crt").indent(6).stripTrailing()));
    }

    private ConfigFolder folder() {
        return new ConfigFolder(root);
    }

    private static String text(String fixture) {
        return new String(PemFixture.bytes(fixture), US_ASCII);
    }
}
