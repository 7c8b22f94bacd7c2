package io.farrier.check;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.check.RegistryQuestion.Verdict;
import io.farrier.config.FarrierConfig;
import io.farrier.finding.Finding;
import io.farrier.finding.Severity;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.registry.Door;
import io.farrier.registry.Examination;
import io.farrier.registry.Names;
import io.farrier.registry.RefusedLogins;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryProbe;
import io.farrier.testing.Configurations;
import io.farrier.testing.Minted;
import io.farrier.testing.MovableClock;
import io.farrier.testing.TinyRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What farrier says while a registry moves from one CA to the next (SAFETY 46). Real handshakes; only days are moved. */
class CaRotationTest {
    private static final Minted OLD =
            Minted.ca("Old CA").to(Duration.ofDays(600)).selfSigned();
    private static final Minted NEW =
            Minted.ca("New CA").to(Duration.ofDays(600)).selfSigned();
    private static final Minted STORES =
            Minted.ca("Store CA").to(Duration.ofDays(600)).selfSigned();
    private static final Duration DAY = Duration.ofDays(1);
    private static final int DAYS = 30; // until a CA is called removable

    private final MovableClock clock = new MovableClock(Instant.now());
    private final List<TinyRegistry> servers = new ArrayList<>();

    @TempDir
    Path root;

    @AfterEach
    void stop() {
        servers.forEach(TinyRegistry::close);
    }

    @Test
    void aListThatLacksWhatIsServedIsSaidWhileTheNodeStillTrustsIt() throws Exception {
        RegistryHost host = serving(NEW);

        List<Finding> findings =
                trust(config(host, OLD), onNode(OLD, NEW), Optional.empty()).run(clock.instant());

        assertThat(keys(findings)).containsExactly("ca.served-chain-not-covered(" + host + ")");
        assertThat(findings.get(0).severity()).isEqualTo(Severity.ERROR);
        assertThat(findings.get(0).detail())
                .startsWith(
                        "It shows a certificate of 'CN=registry', signed by 'CN=New CA'; configured: CN=Old CA until ");
        assertThat(findings.get(0).remedy().orElseThrow().command()).contains("farrier certs show " + host);
    }

    @Test
    void itIsTheCauseOfARegistryThatIsNotTrusted() throws Exception {
        RegistryHost host = serving(NEW);

        List<Finding> findings =
                trust(config(host, OLD), onNode(OLD), Optional.empty()).run(clock.instant());

        assertThat(keys(findings))
                .containsExactly("ca.served-chain-not-covered(" + host + ")", "registry.untrusted(" + host + ")");
        assertThat(findings.get(1).causes()).containsExactly(findings.get(0).key());
    }

    @Test
    void aListWithBothCoversEitherSideOfTheMove() throws Exception {
        for (Minted serving : List.of(OLD, NEW)) {
            RegistryHost host = serving(serving);

            assertThat(trust(config(host, OLD, NEW), onNode(OLD, NEW), Optional.empty())
                            .run(clock.instant()))
                    .isEmpty();
        }
    }

    @Test
    void anExpiredLeafIsNoMatterOfTheList() throws Exception {
        TinyRegistry registry = TinyRegistry.tls(
                "127.0.0.1",
                Minted.server("registry")
                        .ip("127.0.0.1")
                        .to(Duration.ofDays(-1))
                        .by(OLD));
        servers.add(registry);
        RegistryHost host = RegistryHost.parse("127.0.0.1:" + registry.port());

        assertThat(keys(trust(config(host, OLD), onNode(OLD), Optional.empty()).run(clock.instant())))
                .containsExactly("registry.untrusted(" + host + ")");
    }

    @Test
    void aCaThatNothingNeedsForThirtyDaysIsRemovable() throws Exception {
        RegistryHost host = serving(NEW);
        FarrierConfig config = config(host, OLD, NEW);

        for (int day = 1; day < DAYS; day++) {
            assertThat(afterRestart(config).run(clock.instant())).isEmpty();
            clock.advance(DAY);
        }
        List<Finding> findings = afterRestart(config).run(clock.instant());

        assertThat(keys(findings)).hasSize(1).first().asString().startsWith("ca.removable(" + host + " ");
        assertThat(findings.get(0).severity()).isEqualTo(Severity.INFO);
        assertThat(findings.get(0).title())
                .isEqualTo("Nothing at " + host + " has needed the CA 'CN=Old CA' for 30 days");
        assertThat(findings.get(0).detail()).contains("never of use since it is configured");
    }

    /** The runtime trusts where blobs are with the registry's CAs: taking one away would break pulls, not the probe. */
    @Test
    void aCaThatOnlyTheStoreOfBlobsNeedsIsNeverRemovable() throws Exception {
        TinyRegistry store = TinyRegistry.tls(
                "127.0.0.1",
                Minted.server("store").ip("127.0.0.1").to(Duration.ofDays(600)).by(STORES));
        servers.add(store);
        RegistryHost host = serving(
                NEW,
                (method, target, headers) -> target.contains("/blobs/")
                        ? "HTTP/1.1 307 x\r\nLocation: https://127.0.0.1:" + store.port() + target
                                + "\r\nContent-Length: 0\r\n\r\n"
                        : null);
        FarrierConfig config = config(host, NEW, STORES);

        for (int day = 0; day < 2 * DAYS; day++) {
            assertThat(afterRestart(config).run(clock.instant())).isEmpty();
            clock.advance(DAY);
        }
    }

    @Test
    void daysWithoutAWholeLookDoNotCount() throws Exception {
        RegistryHost host = serving(NEW);
        FarrierConfig config = config(host, OLD, NEW);
        CaUseCheck noImage = new CaUseCheck(() -> config, registry -> Optional.empty(), uses());
        CaUseCheck noAnswer =
                new CaUseCheck(() -> config, registry -> Optional.of(look(registry, "/v2/app/manifests/none")), uses());

        for (int day = 0; day < DAYS; day++) {
            noImage.run(clock.instant());
            noAnswer.run(clock.instant());
            clock.advance(DAY);
        }
        clock.advance(Duration.ofDays(100)); // switched off

        assertThat(afterRestart(config).run(clock.instant())).isEmpty();
        assertThat(uses().idleDays(host, certificate(OLD))).isEqualTo(1);
    }

    @Test
    void oneUseBeginsTheDaysAnewAndAnyProbeIsAUse() throws Exception {
        RegistryHost host = serving(NEW);
        FarrierConfig config = config(host, OLD, NEW);
        for (int day = 0; day < DAYS; day++) {
            afterRestart(config).run(clock.instant());
            clock.advance(DAY);
        }
        assertThat(uses().idleDays(host, certificate(OLD))).isEqualTo(DAYS);

        // Another server behind the same name, not moved yet.
        RegistryHost old = serving(OLD);
        Examination seenOld = look(config(old, OLD).registries().get(0), "/v2/app/manifests/1");
        RegistryQuestion question = registry -> Verdict.of(seenOld);
        trust(config, question, Optional.of(uses())).run(clock.instant());

        assertThat(uses().idleDays(host, certificate(OLD))).isZero();
        assertThat(uses().lastUsed(host, certificate(OLD))).isPresent();
    }

    @Test
    void aDayHasOneLookHoweverOftenItIsAsked() throws Exception {
        RegistryHost host = serving(NEW);
        CaUseCheck check = afterRestart(config(host, OLD, NEW));

        for (int round = 0; round < 20; round++) {
            check.run(clock.instant());
        }
        afterRestart(config(host, OLD, NEW)).run(clock.instant());

        assertThat(servers.get(0).asked().stream().filter(asked -> asked.contains("/manifests/1")))
                .hasSize(1);
    }

    @Test
    void aCaThatLeavesTheConfigurationIsForgottenAndADamagedMemoryBeginsAnew() throws Exception {
        RegistryHost host = serving(NEW);
        afterRestart(config(host, OLD, NEW)).run(clock.instant());
        assertThat(uses().idleDays(host, certificate(OLD))).isEqualTo(1);

        afterRestart(config(host, NEW)).run(clock.instant());
        assertThat(uses().idleDays(host, certificate(OLD))).isZero();

        afterRestart(config(host, OLD, NEW)).run(clock.instant().plus(DAY));
        Files.writeString(root.resolve("state/ca-uses.json"), "{\"cas\": [{\"idle");
        assertThat(uses().idleDays(host, certificate(OLD))).isZero();
        assertThat(afterRestart(config(host, OLD, NEW)).run(clock.instant().plus(DAY)))
                .isEmpty();
    }

    @Test
    void whoOnlyTellsWritesNothing() throws Exception {
        FarrierConfig config = config(serving(NEW), OLD, NEW);

        assertThat(new CaUseCheck(() -> config, CaUseCheck.Look.NONE, uses()).run(clock.instant()))
                .isEmpty();

        assertThat(root.resolve("state")).doesNotExist();
        assertThat(servers.get(0).asked()).isEmpty();
    }

    // ---- the registry

    private RegistryHost serving(Minted authority) {
        return serving(authority, (method, target, headers) -> null);
    }

    private RegistryHost serving(Minted authority, TinyRegistry.Answers answers) {
        Minted leaf = leaf(authority);
        TinyRegistry registry =
                TinyRegistry.tls("127.0.0.1", 0, leaf.key(), List.of(leaf.certificate()), Optional.empty(), answers);
        servers.add(registry);
        return RegistryHost.parse("127.0.0.1:" + registry.port());
    }

    private static Minted leaf(Minted authority) {
        return Minted.server("registry")
                .ip("127.0.0.1")
                .to(Duration.ofDays(600))
                .by(authority);
    }

    // ---- the node

    private static FarrierConfig config(RegistryHost host, Minted... cas) {
        return Configurations.of(List.of(Configurations.trusted(host.value(), pem(cas))));
    }

    private static byte[] pem(Minted... cas) {
        return Minted.pem(List.of(cas).stream().map(Minted::certificate).toArray(X509Certificate[]::new))
                .getBytes(US_ASCII);
    }

    private static RegistryTrustCheck trust(FarrierConfig config, RegistryQuestion question, Optional<CaUses> uses) {
        return new RegistryTrustCheck(() -> config, question, uses);
    }

    /** A node that has these CAs, whatever is configured. */
    private RegistryQuestion onNode(Minted... cas) {
        return configured ->
                Verdict.of(probe().examine(Door.of(Registry.trusting(configured.host(), pem(cas), Optional.empty()))));
    }

    /** As after a restart: only the file remembers. */
    private CaUseCheck afterRestart(FarrierConfig config) throws IOException {
        return new CaUseCheck(() -> config, registry -> Optional.of(look(registry, "/v2/app/manifests/1")), uses());
    }

    private CaUses uses() throws IOException {
        return new CaUses(NodeFiles.below(root), Path.of("/state"));
    }

    private Examination look(FarrierConfig.Registry configured, String target) throws IOException {
        Registry registry = Registry.trusting(configured.host(), configured.ca().orElseThrow(), Optional.empty());
        Reference image = Reference.parse(configured.host() + "/app:1");
        return probe().examine(Door.of(registry), registry, Map.of(image, target));
    }

    /** Certificates are judged now: it is the memory's days that pass. */
    private RegistryProbe probe() throws IOException {
        Clock now = Clock.systemUTC();
        return new RegistryProbe(
                Names.OF_THIS_NODE, now, new RefusedLogins(NodeFiles.below(root), Path.of("/logins"), now));
    }

    private static io.farrier.pki.Certificate certificate(Minted minted) {
        return io.farrier.pki.Certificate.of(minted.certificate());
    }

    private static List<String> keys(List<Finding> findings) {
        return findings.stream().map(finding -> finding.key().toString()).toList();
    }
}
