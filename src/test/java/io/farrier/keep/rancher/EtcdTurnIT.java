package io.farrier.keep.rancher;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.ConfigLoader;
import io.farrier.config.FarrierConfig;
import io.farrier.config.TrustedFiles;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.ContainersSeen;
import io.farrier.reconcile.Order;
import io.farrier.reconcile.RestartTurn;
import io.farrier.reconcile.TurnedDaemon;
import io.farrier.runtime.Daemon;
import io.farrier.runtime.MemberHealth;
import io.farrier.testing.EtcdCluster;
import io.farrier.testing.FakeRancher;
import io.farrier.testing.NodeBench;
import io.farrier.testing.TestCertificates;
import io.farrier.transport.Http;
import io.farrier.transport.Trust;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link ServersTurnTest} says of servers that answer as etcd does, said of etcd (SAFETY 4): three members with a CA
 * and client certificates where k3s keeps them; this node is the first one. Its k3s is a process under a fake systemctl.
 */
final class EtcdTurnIT {
    private static final Order BY_HAND = Order.byHand("root");

    @TempDir
    static Path etcd;

    private static EtcdCluster cluster;

    @TempDir
    Path root;

    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);
    private NodeBench node;
    private FakeRancher k3s;

    @BeforeAll
    static void startEtcd() throws Exception {
        cluster = new EtcdCluster(etcd);
    }

    @AfterAll
    static void stopEtcd() {
        cluster.close();
    }

    @BeforeEach
    void prepare() throws Exception {
        cluster.startAll();
        node = new NodeBench(root).seeing(ContainersSeen.ofServer(new DaemonName("k3s")));
        Files.createDirectories(root.resolve("var/lib/rancher/k3s/server/db/etcd"));
        k3s = new FakeRancher().start();
    }

    @AfterEach
    void stop() {
        k3s.close();
        http.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void restartsWhileAllOtherMembersAreHealthy() throws Exception {
        assertThat(keep(config("client")).result()).isEqualTo(Result.APPLIED);
        assertThat(k3s.restarts()).isEqualTo(1);
    }

    @Test
    void refusesWhileOneIsStoppedAndGoesOnWhenItIsBack() throws Exception {
        cluster.member(3).stop();
        // If that was the leader, the others say 503 too until they have elected another.
        cluster.member(2).awaitSaying("\"health\":\"true\"");

        refuses("client", cluster.member(3).url() + " does not answer");

        cluster.startAll();
        assertThat(keep(config("client")).result()).isEqualTo(Result.APPLIED);
    }

    /** It has the connection and takes the request: only the deadline tells. */
    @Test
    void refusesWhileOneIsFrozen() throws Exception {
        cluster.member(2).freeze();
        try {
            refuses("client", cluster.member(2).url() + " does not answer");
        } finally {
            cluster.member(2).thaw();
        }
    }

    /** The one that runs is asked first, and answers; what it says decides. */
    @Test
    void refusesWhileTheMembersHaveNoQuorum() throws Exception {
        cluster.member(1).stop();
        cluster.member(3).stop();
        cluster.member(2).awaitSaying("\"health\":\"false\"");

        refuses("client", cluster.member(2).url() + " answers 503");
    }

    @Test
    void aMemberThatDoesNotTakeOurCertificateIsNoHealthyOne() throws Exception {
        refuses("stranger", cluster.member(2).url() + " does not answer");
    }

    private void refuses(String client, String because) throws Exception {
        FarrierConfig config = config(client);
        Map<String, String> before = node.tree();

        Outcome outcome = keep(config);

        assertThat(outcome.result()).isEqualTo(Result.REFUSED);
        assertThat(outcome.reason().orElseThrow().sentence())
                .contains("in its turn 1/3: another server is not healthy: " + because)
                .contains("Mend that one first");
        assertThat(node.tree()).isEqualTo(before);
        assertThat(k3s.restarts()).isZero();
    }

    private Outcome keep(FarrierConfig config) throws Exception {
        RestartTurn turn = turn(config.node().restartSlot().orElseThrow());
        node.with(new Brakes.Policy(true, Map.of(), true, Optional.of(turn), true));
        RegistriesYamlFile file =
                new RegistriesYamlFile(config, Distribution.K3S, node.files(), node.ledger(), k3s.service("k3s"));
        Daemon daemon = k3s.daemons("k3s").get(new DaemonName("k3s"));
        List<Outcome> outcomes = node.keeper(Map.of(daemon.name(), new TurnedDaemon(daemon, turn)), file)
                .keep(BY_HAND);
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0);
    }

    private FarrierConfig config(String client) throws Exception {
        Path folder = Files.createDirectories(root.resolve("etc/farrier"));
        Files.write(folder.resolve("a.crt"), TestCertificates.CA);
        Path file = Files.writeString(folder.resolve("farrier.yaml"), """
                mode: keep
                node:
                  distribution: k3s
                  restart_slot: 1/3
                  members: ["%2$s", "%3$s"]
                  members_ca: %1$s/server-ca.crt
                  members_client: {cert: %1$s/%4$s.crt, key: %1$s/%4$s.key}
                registries: [{host: "a.example:5000", ca: a.crt}]
                runtime: {restart: allow}
                """.formatted(
                cluster.tls(), cluster.member(2).url(), cluster.member(3).url(), client));
        return new ConfigLoader(TrustedFiles.ofAnyone(Path.of("/")), "server-1", Clock.systemUTC())
                .load(file)
                .config();
    }

    private RestartTurn turn(FarrierConfig.RestartSlot slot) throws Exception {
        FarrierConfig.ClientPair pair = slot.client().orElseThrow();
        Trust trust = Trust.withCa(slot.ca().orElseThrow()).withClient(pair.cert(), pair.key());
        return new RestartTurn(
                slot.number(), slot.of(), new MemberHealth(http, slot.members(), trust)::ailing, node.clock());
    }
}
