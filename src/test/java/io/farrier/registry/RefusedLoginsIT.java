package io.farrier.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.Prospect;
import io.farrier.images.Prospects;
import io.farrier.node.NodeFiles;
import io.farrier.pki.GoVersion;
import io.farrier.plan.Change;
import io.farrier.plan.Outcome;
import io.farrier.plan.ResourceName;
import io.farrier.reconcile.Order;
import io.farrier.reconcile.PullProof;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.secret.Secret;
import io.farrier.testing.MovableClock;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.farrier.transport.Trust;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A real registry's log counts how often a wrong password reached it. */
final class RefusedLoginsIT {
    private static final Duration RECONCILE = Duration.ofMinutes(1);
    private static final int AN_HOUR_OF_RECONCILES = 60;

    /** In turns, the one that remembers least first. */
    private static final int PROOF = 0;

    private static final int FORECAST = 1;
    private static final int PULLS = 2;

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("logins");

    @TempDir
    Path root;

    @Test
    void anHourOfReconcilesTriesAWrongPasswordThreeTimesAtMost() throws Exception {
        MovableClock clock = new MovableClock(Instant.now());
        RegistryHost host = RegistryHost.parse(NODE.address() + ":5002");
        Trust trust = Trust.withCa(Files.readAllBytes(NODE.registryCa()));
        Registry registry = new Registry(
                host, trust, false, Optional.of(new Registry.Login("robot", Secret.of("yesterday's"))), Set.of());
        List<Reference> images = IntStream.range(0, 4)
                .mapToObj(i -> Reference.parse(host + "/app" + i + ":1"))
                .toList();
        Path trusted = NODE.file("/etc/docker/certs.d/" + host);
        Files.createDirectories(trusted);
        Files.copy(NODE.registryCa(), trusted.resolve("ca.crt"));
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx)) {
            for (int i = 0; i < AN_HOUR_OF_RECONCILES; i++) {
                // As after a restart each time: only the file remembers.
                RefusedLogins logins = new RefusedLogins(NodeFiles.below(root), Path.of("/state"), clock);
                RegistryProbe probe = new RegistryProbe(Names.OF_THIS_NODE, clock, logins);
                if (i % 4 == PROOF) {
                    assertThat(proof(http, host, registry, logins, clock)
                                    .prove(Order.byHand("root"), List.of(changed(host, clock))))
                            .extracting(Outcome::result)
                            .containsExactly(Outcome.Result.UNPROVEN);
                } else if (i % 4 == FORECAST) {
                    RegistryContent content = new RegistryContent(http, clock, logins);
                    Prospects forecast = new Prospects(content, any -> registry, Platform.ofThisNode());
                    images.parallelStream()
                            .forEach(image ->
                                    assertThat(forecast.of(image).kind()).isNotEqualTo(Prospect.Kind.PRESENT));
                } else if (i % 4 == PULLS) {
                    RegistryClient client = new RegistryClient(http, probe, logins);
                    images.parallelStream()
                            .forEach(image -> assertThat(
                                            client.find(registry, image).kind())
                                    .isEqualTo(RegistryAnswer.Kind.UNAUTHORIZED));
                } else {
                    assertThat(probe.examine(
                                            List.of(Door.of(host, trust, GoVersion.NEWEST)),
                                            registry,
                                            Map.of(images.get(0), "/v2/app0/manifests/1"))
                                    .hasAll())
                            .isFalse();
                }
                clock.advance(RECONCILE);
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }

        long attempts = NODE.words("auth")
                .lines()
                .filter(line -> line.contains("error authenticating user"))
                .count();
        assertThat(attempts).isBetween(1L, 3L);
    }

    /** By the real dockerd, with the login as long as it is not held back: as {@code assembly} gives it. */
    private static PullProof proof(
            Http http, RegistryHost host, Registry registry, RefusedLogins logins, MovableClock clock) {
        Registry.Login login = registry.login().orElseThrow();
        return new PullProof(
                new DockerRuntime(http, NODE.dockerSocket()),
                any -> Optional.of(new PullProof.Image(Reference.parse(host + "/app0:1"), true)),
                any -> Optional.of(new RegistryCredentials(host, login.username(), login.password()))
                        .filter(usable -> logins.heldUntil(host, login).isEmpty()),
                logins,
                clock);
    }

    private static Outcome changed(RegistryHost host, MovableClock clock) {
        Change change = new Change(
                Change.Kind.ADD, "ca.crt", Optional.empty(), Optional.of("x"), Optional.of(host), Optional.empty());
        return new Outcome(
                new ResourceName("docker/certs.d"),
                Outcome.Result.APPLIED,
                List.of(change),
                List.of(),
                Optional.empty(),
                clock.instant());
    }
}
