package io.farrier.keep.rancher;

import static io.farrier.testing.TestCertificates.CA;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.RestartSlot;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.plan.Change;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.ContainersSeen;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.reconcile.RestartTurn;
import io.farrier.reconcile.TurnedDaemon;
import io.farrier.runtime.Daemon;
import io.farrier.runtime.MemberHealth;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.FakeRancher;
import io.farrier.testing.Minted;
import io.farrier.testing.NodeBench;
import io.farrier.transport.Http;
import io.farrier.transport.Trust;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A server is restarted in its turn only, and only while every other one is healthy (SAFETY 4). The others are HTTPS servers
 * that ask for a client certificate and answer as etcd's {@code /health} does; the k3s is a process under a fake systemctl.
 */
final class ServersTurnTest {
    private static final Minted ETCD_CA = Minted.ca("etcd CA").selfSigned();
    private static final Minted CLIENT = Minted.server("client").by(ETCD_CA);
    private static final FarrierConfig.Registry TRUSTED = Configurations.trusted("a.example:5000", CA);
    private static final Order BY_HAND = Order.byHand("root");
    private static final String HEALTHY = "{\"health\":\"true\",\"reason\":\"\"}";
    private static final String NO_LEADER = "{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}";

    /** 12:00 is a multiple of 30 minutes: the first of three's turn. */
    private static final Instant ITS_TURN = NodeBench.NOW;

    @TempDir
    Path root;

    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);
    private final List<Member> members = new ArrayList<>();
    private NodeBench node;
    private FakeRancher k3s;
    private boolean mayRestart = true;

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root).seeing(ContainersSeen.ofServer(new DaemonName("k3s")));
        Files.createDirectories(root.resolve("var/lib/rancher/k3s/server/db/etcd"));
        k3s = new FakeRancher().start();
        members.add(new Member());
        members.add(new Member());
    }

    @AfterEach
    void stop() {
        members.forEach(Member::stop);
        k3s.close();
        http.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void restartsInItsTurnWhileAllOthersAreHealthy() throws IOException {
        assertThat(keep(1)).extracting(Outcome::result).containsExactly(Result.APPLIED);

        assertThat(k3s.restarts()).isEqualTo(1);
        assertThat(members).allSatisfy(member -> assertThat(member.asked.get()).isEqualTo(2));
    }

    @Test
    void refusesAndWritesNothingWhileOneIsDownAndNamesIt() throws IOException {
        Map<String, String> before = node.tree();
        members.get(1).stop();

        Outcome outcome = keep(1).get(0);

        assertThat(outcome.result()).isEqualTo(Result.REFUSED);
        assertThat(outcome.reason().orElseThrow().sentence())
                .contains("in its turn 1/3: another server is not healthy: "
                        + members.get(1).url() + " does not answer")
                .contains("Mend that one first");
        assertThat(node.tree()).isEqualTo(before);
        assertThat(k3s.restarts()).isZero();
    }

    @Test
    void aMemberWithoutALeaderIsNotHealthy() throws IOException {
        members.get(0).answers(503, NO_LEADER);
        assertThat(keep(1).get(0).reason().orElseThrow().sentence())
                .contains(members.get(0).url() + " answers 503");

        members.get(0).answers(200, NO_LEADER);
        assertThat(keep(1).get(0).reason().orElseThrow().sentence()).contains("says that it is not healthy");
        assertThat(k3s.restarts()).isZero();
    }

    @Test
    void putsTheFileBackWhenOneFallsIllInTheMomentBeforeTheRestart() throws IOException {
        Map<String, String> before = node.tree();
        members.get(1).answersOnce();

        Outcome outcome = keep(1).get(0);

        assertThat(outcome.result()).isEqualTo(Result.ROLLED_BACK);
        assertThat(outcome.reason().orElseThrow().sentence())
                .contains(members.get(1).url() + " answers 503");
        assertThat(node.tree()).isEqualTo(before);
        assertThat(k3s.restarts()).isZero();
    }

    @Test
    void waitsOutOfItsTurnAndAsksNobody() throws IOException {
        assertThat(keep(2)).extracting(Outcome::result).containsExactly(Result.WAITING);
        assertThat(k3s.restarts()).isZero();
        assertThat(members).allSatisfy(member -> assertThat(member.asked.get()).isZero());

        node.clock().advance(Duration.ofMinutes(10));
        assertThat(keep(2)).extracting(Outcome::result).containsExactly(Result.APPLIED);
        assertThat(k3s.restarts()).isEqualTo(1);
    }

    @Test
    void withoutLeaveToRestartATurnChangesNothing() throws IOException {
        mayRestart = false;

        assertThat(bench(1).keep(BY_HAND)).extracting(Outcome::result).containsExactly(Result.WAITING);
        assertThat(k3s.restarts()).isZero();
    }

    /** Agents have no turn; a server without one is never restarted, whoever would wish it. */
    @Test
    void aServerWithoutATurnIsNeverRestarted() throws IOException {
        node.with(new Brakes.Policy(true, Map.of(), true, true));

        assertThat(keeper(Configurations.of(List.of(TRUSTED))).keep(BY_HAND))
                .extracting(Outcome::result)
                .containsExactly(Result.WAITING);
        assertThat(k3s.restarts()).isZero();
    }

    @ParameterizedTest(name = "{0} at {1}: {2}")
    @CsvSource({
        "1, 12:00:00, on",
        "1, 12:04:59, on",
        "1, 12:05:00, off",
        "1, 12:29:59, off",
        "1, 12:30:00, on",
        "2, 12:00:00, off",
        "2, 12:10:00, on",
        "2, 12:15:00, off",
        "2, 12:20:00, off",
        "3, 12:00:00, off",
        "3, 12:20:00, on",
        "3, 12:25:00, off"
    })
    void turnsFollowEachOtherAndNeverOverlap(int number, String now, String state) throws IOException {
        node.clock().advance(Duration.between(ITS_TURN, Instant.parse("2026-11-20T" + now + "Z")));

        boolean isOn =
                bench(number).plan(BY_HAND).files().get(0).changes().stream().anyMatch(Change::needsRestart);

        assertThat(isOn).isEqualTo(state.equals("on"));
    }

    // ---- how

    private List<Outcome> keep(int number) throws IOException {
        return bench(number).keep(BY_HAND);
    }

    private Keeper bench(int number) throws IOException {
        node.with(new Brakes.Policy(true, Map.of(), mayRestart, Optional.of(turn(number)), true));
        return keeper(withSlot(Configurations.of(List.of(TRUSTED)), number));
    }

    private Keeper keeper(FarrierConfig config) throws IOException {
        RegistriesYamlFile file =
                new RegistriesYamlFile(config, Distribution.K3S, node.files(), node.ledger(), k3s.service("k3s"));
        Daemon daemon = k3s.daemons("k3s").get(new DaemonName("k3s"));
        return node.keeper(Map.of(daemon.name(), new TurnedDaemon(daemon, turn(1))), file);
    }

    private RestartTurn turn(int number) throws IOException {
        Trust trust = Trust.withCa(ETCD_CA.pem().getBytes(US_ASCII))
                .withClient(CLIENT.pem().getBytes(US_ASCII), Secret.of(CLIENT.keyPem()));
        List<URI> urls =
                members.stream().map(member -> URI.create(member.url())).toList();
        return new RestartTurn(number, 3, new MemberHealth(http, urls, trust)::ailing, node.clock());
    }

    private static FarrierConfig withSlot(FarrierConfig config, int number) {
        return new FarrierConfig(
                config.mode(),
                new FarrierConfig.Node(
                        "n1",
                        FarrierConfig.Distribution.K3S,
                        Map.of(),
                        Optional.of(new RestartSlot(number, 3, List.of(), Optional.empty(), Optional.empty()))),
                config.registries(),
                config.mirrors(),
                config.docker(),
                config.images(),
                config.runtime(),
                config.collector(),
                config.logs(),
                config.intervals(),
                config.changes(),
                config.manage(),
                config.findings(),
                FarrierConfig.Budget.DEFAULT,
                config.stateDir());
    }

    /** Another server's etcd, as far as its {@code /health} goes. */
    private static final class Member {
        private final AtomicInteger asked = new AtomicInteger();
        private final HttpsServer server;
        private volatile int status = 200;
        private volatile String body = HEALTHY;
        private volatile boolean isOnceOnly;

        Member() throws IOException {
            server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            SSLContext context = context(Minted.server("etcd").ip("127.0.0.1").by(ETCD_CA));
            server.setHttpsConfigurator(new HttpsConfigurator(context) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters wanted = context.getDefaultSSLParameters();
                    wanted.setNeedClientAuth(true);
                    parameters.setSSLParameters(wanted);
                }
            });
            server.createContext("/health", exchange -> {
                boolean isIll = asked.incrementAndGet() > 1 && isOnceOnly;
                byte[] answer = (isIll ? NO_LEADER : body).getBytes(US_ASCII);
                exchange.sendResponseHeaders(isIll ? 503 : status, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
        }

        String url() {
            return "https://127.0.0.1:" + server.getAddress().getPort() + "/health";
        }

        void answers(int newStatus, String newBody) {
            status = newStatus;
            body = newBody;
        }

        void answersOnce() {
            isOnceOnly = true;
        }

        void stop() {
            server.stop(0);
        }

        private static SSLContext context(Minted own) {
            try {
                KeyStore keys = KeyStore.getInstance("PKCS12");
                keys.load(null, null);
                keys.setKeyEntry("own", own.key(), new char[0], new X509Certificate[] {own.certificate()});
                keys.setCertificateEntry("ca", ETCD_CA.certificate());
                KeyManagerFactory key = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                key.init(keys, new char[0]);
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(keys);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(key.getKeyManagers(), trust.getTrustManagers(), null);
                return context;
            } catch (Exception noTls) {
                throw new AssertionError(noTls);
            }
        }
    }
}
