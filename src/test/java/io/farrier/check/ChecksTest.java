package io.farrier.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.farrier.check.RegistryQuestion.Answer;
import io.farrier.check.RegistryQuestion.Verdict;
import io.farrier.config.ConfigLoader;
import io.farrier.config.FarrierConfig;
import io.farrier.config.InvalidConfigException;
import io.farrier.config.Problem;
import io.farrier.config.TrustedFiles;
import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.finding.Severity;
import io.farrier.image.RegistryHost;
import io.farrier.pki.PemFixture;
import io.farrier.plan.Change;
import io.farrier.plan.Consequence;
import io.farrier.plan.DaemonName;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import io.farrier.runtime.LiveSettings;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ImageStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksTest {
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final RegistryHost REGISTRY = RegistryHost.parse("registry.example:5000");

    @TempDir
    private Path folder;

    @Test
    void aRejectedConfigurationSaysAllItsMistakes() {
        InvalidConfigException rejected = new InvalidConfigException(
                List.of(new Problem(Path.of("f.yaml"), 1, "one"), new Problem(Path.of("f.yaml"), 2, "two")));

        Finding finding = only(new ConfigurationCheck(() -> Optional.of(rejected)).run(NOW));

        assertThat(finding.key()).hasToString("config.rejected");
        assertThat(finding.title()).isEqualTo("The configuration has 2 mistakes");
        assertThat(finding.detail()).isEqualTo("f.yaml:1: one\nf.yaml:2: two");
        assertThat(finding.remedy().orElseThrow().command()).contains("farrier config check");
        assertThat(new ConfigurationCheck(Optional::empty).run(NOW)).isEmpty();
    }

    @Test
    void insecureIsLoudForRegistriesAndForPlainMirrors() throws Exception {
        FarrierConfig config = config("""
                registries: [{host: plain.example:5000, insecure: true}, {host: registry.example:5000}]
                mirrors:
                  docker.io: {endpoints: ["http://plain.example:5000", "http://m.example/x", "https://s.example"]}
                """);

        assertThat(new InsecureConfigurationCheck(() -> config).run(NOW))
                .extracting(finding -> finding.key().toString(), Finding::severity)
                .containsExactly(
                        tuple("registry.insecure(plain.example:5000)", Severity.WARNING),
                        tuple("registry.insecure(m.example)", Severity.WARNING));
    }

    @Test
    void aLoginThatImagesNeedIsSaidNotToBeTheKubelets() throws Exception {
        Path secret = Files.writeString(folder.resolve("robot"), "s3cret");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        FarrierConfig config = config("""
                registries:
                  - {host: a.example:5000, auth: {username: robot, password_file: robot}}
                  - {host: unused.example, auth: {username: robot, password_file: robot}}
                  - {host: open.example}
                images: {keep: ["a.example:5000/x:1", "a.example:5000/y:1", "open.example/x:1"]}
                """);

        Finding finding = only(new KubeletLoginCheck(() -> config, true).run(NOW));

        assertThat(finding.key()).hasToString("registry.login-not-the-kubelets(a.example:5000)");
        assertThat(finding.detail()).startsWith("2 kept images").doesNotContain("s3cret");
        assertThat(new KubeletLoginCheck(() -> config, false).run(NOW)).isEmpty();
    }

    @Test
    void insecureIsLoudToWhenSomebodyElseMadeItSo() throws Exception {
        FarrierConfig config = config("registries: [{host: plain.example:5000, insecure: true}]");
        RuntimeInfo info =
                info(new LiveSettings(List.of("plain.example:5000", "10.0.0.0/8"), List.of(), false, Map.of()));

        assertThat(keys(new InsecureRuntimeCheck(() -> config, () -> info).run(NOW)))
                .containsExactly("registry.insecure(10.0.0.0/8)");
    }

    @ParameterizedTest
    @CsvSource({
        "2020-11-02T00:00:00Z, INFO",
        "2020-12-02T00:00:00Z, WARNING",
        "2020-12-25T00:00:00Z, ERROR",
        "2021-01-01T00:00:01Z, CRITICAL"
    })
    void aCaIsForecastAt60And30And7Days(Instant now, Severity severity) throws Exception {
        Finding finding = only(new CaExpiryCheck(() -> withCa("expired-ca.crt")).run(now));

        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.key().code()).isEqualTo("ca.expires");
        assertThat(finding.title()).contains("'CN=Old CA' of registry.example:5000");
    }

    @Test
    void aCaThatLastsIsNoFinding() {
        assertThat(new CaExpiryCheck(() -> withCa("expired-ca.crt")).run(Instant.parse("2020-11-01T00:00:00Z")))
                .isEmpty();
        assertThat(new CaExpiryCheck(() -> withCa("ca.crt")).run(NOW)).isEmpty();
    }

    @Test
    void aSilentRuntimeIsAFindingWithItsUnit() throws Exception {
        RuntimeCheck check = new RuntimeCheck(ChecksTest::silent, "docker");

        Finding finding = only(check.run(NOW));

        assertThat(finding.key()).hasToString("runtime.unreachable");
        assertThat(finding.detail()).isEqualTo("/var/run/docker.sock: nobody answers");
        assertThat(finding.remedy().orElseThrow().command()).contains("systemctl status docker");
        assertThat(new RuntimeCheck(() -> info(null), "docker").run(NOW)).isEmpty();
    }

    @Test
    void aRuntimeThatAnswersNonsenseIsNotCalledFine() {
        RuntimeCheck check = new RuntimeCheck(
                () -> {
                    throw new IOException("500 server error");
                },
                "docker");

        assertThatThrownBy(() -> check.run(NOW)).hasMessage("500 server error");
    }

    @Test
    void eachRegistryIsAskedForAndOneThatBreaksHidesNoOther() throws Exception {
        FarrierConfig config = config("""
                registries: [{host: good.example}, {host: bad.example}, {host: away.example}, {host: broken.example},
                  {host: off.example, mode: off}]
                """);
        List<String> asked = new ArrayList<>();

        List<Finding> findings = new RegistryTrustCheck(
                        () -> config,
                        registry -> {
                            asked.add(registry.host().value());
                            return switch (registry.host().value()) {
                                case "good.example" -> new Verdict(Answer.TRUSTED, "");
                                case "bad.example" -> new Verdict(Answer.UNTRUSTED, "bad.example: unknown authority");
                                case "away.example" -> new Verdict(Answer.UNKNOWN, "away.example: connection refused");
                                default -> throw new IOException("no socket left");
                            };
                        },
                        Optional.empty())
                .run(NOW);

        assertThat(asked).containsExactly("good.example", "bad.example", "away.example", "broken.example");
        assertThat(findings)
                .extracting(finding -> finding.key() + " " + finding.severity() + ": " + finding.detail())
                .containsExactly(
                        "registry.untrusted(bad.example) ERROR: bad.example: unknown authority",
                        "registry.unknown(away.example) UNKNOWN: away.example: connection refused",
                        "registry.unknown(broken.example) UNKNOWN: no socket left");
    }

    @Test
    void missingImagesAreNamedWithTheRegistrysWords() throws Exception {
        List<Finding> findings = new ImagesCheck(() -> List.of(
                        image("a:1", ImageStatus.State.PRESENT, ""),
                        image("b:1", ImageStatus.State.MISSING, ""),
                        image("c:1", ImageStatus.State.PULLING, ""),
                        image("d:1", ImageStatus.State.FAILED, "manifest unknown"),
                        image("e:1", ImageStatus.State.UNKNOWN, "")))
                .run(NOW);

        assertThat(keys(findings)).containsExactly("image.missing(b:1)", "image.missing(d:1)", "image.unknown");
        assertThat(findings.get(1).detail()).isEqualTo("manifest unknown");
        assertThat(findings.get(2).severity()).isEqualTo(Severity.UNKNOWN);
    }

    @Test
    void aFreshNodeDoesNotDrownInMissingImages() throws Exception {
        List<ImageStatus> all = IntStream.range(0, 700)
                .mapToObj(i -> image("a:" + i, ImageStatus.State.MISSING, ""))
                .toList();

        List<Finding> findings = new ImagesCheck(() -> all).run(NOW);

        assertThat(findings).hasSize(21);
        assertThat(findings.get(20).title()).isEqualTo("680 more images not on this node");
    }

    /** SAFETY 1: one finding per pending change. */
    @Test
    void everyPendingWithheldAndRefusedChangeIsAFinding() throws Exception {
        Change insecure = change(
                Change.Kind.ADD,
                "insecure-registries",
                Optional.of(REGISTRY),
                Optional.of(new Consequence(
                        new DaemonName("docker"), Consequence.Action.RELOAD, "it reads them on SIGHUP.")));
        Change ca = change(Change.Kind.CHANGE, "ca.crt", Optional.of(REGISTRY), Optional.empty());
        Change driver = change(Change.Kind.CHANGE, "log-driver", Optional.empty(), Optional.empty());
        NodePlan plan = new NodePlan(List.of(
                new FilePlan(
                        name("docker/certs.d"), List.of(), List.of(ca), List.of(), Optional.empty(), new TreeSet<>()),
                new FilePlan(
                        name("docker/daemon.json"),
                        List.of(),
                        List.of(insecure),
                        List.of(new Withheld(driver, "It needs a restart.", List.of("etcd", "kubelet"))),
                        Optional.empty(),
                        new TreeSet<>()),
                FilePlan.refused(
                        name("k3s/registries.yaml"), new Reason("Read it", "line 4 is not YAML", "Mend it."))));

        List<Finding> findings = new PendingChangesCheck(() -> plan).run(NOW);

        assertThat(findings)
                .extracting(finding -> finding.key() + ": " + finding.title() + ". " + finding.detail())
                .containsExactly(
                        "change.pending(docker/certs.d ~ca.crt registry.example:5000): 'ca.crt' in docker/certs.d for"
                                + " registry.example:5000 is not as configured. It is in effect as soon as it is written.",
                        "change.pending(docker/daemon.json +insecure-registries registry.example:5000):"
                                + " 'insecure-registries' in docker/daemon.json for registry.example:5000 is missing."
                                + " It takes a reload of docker: it reads them on SIGHUP.",
                        "change.withheld(docker/daemon.json ~log-driver): 'log-driver' in docker/daemon.json is not as"
                                + " configured, and is held back. It needs a restart. It would stop etcd, kubelet.",
                        "change.refused(k3s/registries.yaml): k3s/registries.yaml is left alone."
                                + " Read it: line 4 is not YAML");
        assertThat(new PendingChangesCheck(() -> new NodePlan(List.of())).run(NOW))
                .isEmpty();
    }

    @Test
    void everyFindingHasAWayOut() throws Exception {
        List<Finding> all = new ArrayList<>();
        all.addAll(new CaExpiryCheck(() -> withCa("expired-ca.crt")).run(NOW));
        all.addAll(new RuntimeCheck(ChecksTest::silent, "docker").run(NOW));

        assertThat(all).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.remedy()).isPresent();
            assertThat(finding.since()).isEqualTo(NOW);
        });
    }

    private FarrierConfig config(String yaml) throws IOException {
        Files.write(folder.resolve("farrier.yaml"), yaml.getBytes(UTF_8));
        return new ConfigLoader(TrustedFiles.ofAnyone(folder), "worker-1", Clock.systemUTC())
                .load(Path.of("/farrier.yaml"))
                .config();
    }

    private FarrierConfig withCa(String fixture) {
        try {
            Files.write(folder.resolve("ca.crt"), PemFixture.bytes(fixture));
            return config("registries: [{host: registry.example:5000, ca: ca.crt}]");
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    private static RuntimeInfo silent() throws IOException {
        throw new RuntimeUnavailableException("/var/run/docker.sock: nobody answers");
    }

    private static RuntimeInfo info(@Nullable LiveSettings live) {
        return new RuntimeInfo("docker", "20.10.24", "1.41", Optional.empty(), Optional.ofNullable(live));
    }

    private static ImageStatus image(String reference, ImageStatus.State state, String reason) {
        return new ImageStatus(reference, state, Optional.empty(), Optional.empty(), 0, reason);
    }

    private static Change change(
            Change.Kind kind, String key, Optional<RegistryHost> about, Optional<Consequence> consequence) {
        return new Change(kind, key, Optional.empty(), Optional.of("x"), about, consequence);
    }

    private static ResourceName name(String value) {
        return new ResourceName(value);
    }

    private static Finding only(List<Finding> findings) {
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    private static List<String> keys(List<Finding> findings) {
        return findings.stream().map(Finding::key).map(FindingKey::toString).toList();
    }
}
