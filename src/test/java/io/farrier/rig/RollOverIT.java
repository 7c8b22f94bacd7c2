package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.assembly.Assembly;
import io.farrier.check.RegistryReport;
import io.farrier.check.RuntimeRules;
import io.farrier.check.RuntimeView;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Outcome;
import io.farrier.reconcile.Order;
import io.farrier.registry.Names;
import io.farrier.registry.RefusedLogins;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryProbe;
import io.farrier.runtime.LiveSettings;
import io.farrier.testing.Minted;
import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The quarter's roll-over (SAFETY 46): a registry moves from the old CA to the new one while 20 nodes pull from it all the
 * time and go from {@code [old]} over {@code [old, new]} to {@code [new]}; one is off in the middle and never has the
 * second list.
 *
 * <p>Real: both registries (Debian's docker-registry, each with its chain, behind one address that changes over as a load
 * balancer does), every handshake with them, what farrier writes on each node, and one dockerd with the jar. Simulated: the
 * other 19 nodes are roots of files that farrier keeps, and a pull there is farrier's own probe, which reads certs.d as
 * dockerd does and judges as Go does ({@code ProbeCorpusIT} holds it to the real daemons): manifest and a blob, without
 * unpacking.
 */
final class RollOverIT {
    private static final int NODES = 20; // the last one is the real one
    private static final int OFFLINE = 7;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final Minted OLD = Minted.ca("Old CA").selfSigned();
    private static final Minted NEW = Minted.ca("New CA").selfSigned();

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("rollover").seeded(PAUSE);

    @TempDir
    Path folder;

    @Test
    void noPullFailsWhileTheRegistryMovesFromOneCaToTheNext() throws Exception {
        serve("old", 5011, OLD);
        serve("new", 5012, NEW);
        try (Balancer registry = new Balancer(NODE.hostAddress(), NODE.address())) {
            registry.sendTo(5011);
            String host = NODE.hostAddress() + ":" + registry.port();
            List<Node> nodes = nodes(host);
            for (Node node : nodes) {
                node.isGiven(OLD);
            }
            try (Pulls pulls = new Pulls(nodes)) {
                pulls.allOf(nodes);

                Node offline = nodes.get(OFFLINE);
                pulls.stop(offline);
                List<Node> online =
                        nodes.stream().filter(node -> node != offline).toList();
                for (Node node : online) {
                    node.isGiven(OLD, NEW);
                }
                pulls.allOf(online);

                registry.sendTo(5012);
                pulls.allOf(online);
                assertThat(offline.pull())
                        .as("the old list alone does not do any more")
                        .isPresent();

                for (Node node : online) {
                    node.isGiven(NEW);
                }
                offline.isGiven(NEW);
                pulls.go(offline);
                pulls.allOf(nodes);

                assertThat(pulls.failures()).isEmpty();
                assertThat(nodes)
                        .allSatisfy(node -> assertThat(node.trusted()).isEqualTo(Minted.pem(NEW.certificate())));
                System.out.println(NODES + " nodes, " + pulls.done() + " pulls ("
                        + nodes.get(NODES - 1).done() + " of them by dockerd), none failed");
            }
        }
    }

    // ---- the registry

    /** Another registry over the same images, with a chain of this authority. */
    private static void serve(String name, int port, Minted authority) throws IOException {
        Minted leaf = Minted.server(name).ip(NODE.hostAddress()).by(authority);
        Path directory = NODE.directory();
        Files.writeString(directory.resolve("certs/" + name + ".crt"), leaf.pem());
        Files.writeString(directory.resolve("certs/" + name + ".key"), leaf.keyPem());
        Files.writeString(directory.resolve(name + ".yml"), """
                version: 0.1
                storage: {filesystem: {rootdirectory: %1$s/registry}}
                http: {addr: "%2$s:%3$d", secret: practice, tls: {certificate: %1$s/certs/%4$s.crt, key: %1$s/certs/%4$s.key}}
                """.formatted(directory, NODE.address(), port, name));
        NODE.exec(
                        "sh",
                        "-c",
                        "setsid docker-registry serve %1$s/%2$s.yml </dev/null >%1$s/log/%2$s 2>&1 &"
                                .formatted(directory, name))
                .succeeded();
        await().atMost(PATIENCE).until(() -> listens(port));
    }

    private static boolean listens(int port) {
        try (Socket probe = new Socket(NODE.address(), port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** One address for whichever registry serves now; connections that are open stay where they are. */
    private static final class Balancer implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket();
        private final String behind;
        private volatile int target;

        Balancer(String address, String behind) throws IOException {
            this.behind = behind;
            socket.bind(new InetSocketAddress(address, 0));
            daemon(this::accept);
        }

        int port() {
            return socket.getLocalPort();
        }

        void sendTo(int port) {
            target = port;
        }

        private void accept() {
            while (!socket.isClosed()) {
                try {
                    Socket client = socket.accept();
                    Socket server = new Socket(behind, target);
                    daemon(() -> copy(client, server));
                    daemon(() -> copy(server, client));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        private static void copy(Socket from, Socket to) {
            try (from;
                    to;
                    InputStream in = from.getInputStream()) {
                in.transferTo(to.getOutputStream());
            } catch (IOException ended) {
                // By either end.
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "roll-over");
        thread.setDaemon(true);
        thread.start();
    }

    // ---- the nodes

    private interface Node {
        /** Its configuration management brings another list, and farrier applies it. */
        void isGiven(Minted... cas) throws IOException;

        /** What went wrong; empty when nothing did. */
        Optional<String> pull();

        /** What lies in certs.d for the registry. */
        String trusted() throws IOException;

        AtomicLong done();
    }

    private List<Node> nodes(String host) {
        List<Node> nodes = new ArrayList<>();
        IntStream.range(0, NODES - 1)
                .forEach(number -> nodes.add(new SimulatedNode(host, folder.resolve("node" + number))));
        nodes.add(new RealNode(host));
        return nodes;
    }

    private static String configuration(String host, List<String> files) {
        return "mode: keep\nnode: {distribution: docker}\nregistries: [{host: '" + host + "', ca: ["
                + String.join(", ", files) + "]}]\n";
    }

    private static List<String> write(Path etc, Minted... cas) throws IOException {
        List<String> names = new ArrayList<>();
        for (Minted ca : cas) {
            String name = ca == OLD ? "old.crt" : "new.crt";
            Files.createDirectories(etc);
            Files.writeString(etc.resolve(name), ca.pem());
            names.add(name);
        }
        return names;
    }

    private static String trusted(Path certs) throws IOException {
        StringBuilder all = new StringBuilder();
        try (var files = Files.list(certs)) {
            for (Path file : files.sorted().toList()) {
                all.append(Files.readString(file, US_ASCII));
            }
        }
        return all.toString();
    }

    private static final class SimulatedNode implements Node {
        private final RegistryHost host;
        private final Path root;
        private final Reference image;
        private final AtomicLong done = new AtomicLong();

        SimulatedNode(String host, Path root) {
            this.host = RegistryHost.parse(host);
            this.root = root;
            this.image = Reference.parse(host + "/" + PAUSE);
        }

        @Override
        public void isGiven(Minted... cas) throws IOException {
            Path etc = root.resolve("etc/farrier");
            Files.createDirectories(root.resolve("etc/docker"));
            List<String> names = write(etc, cas);
            Files.writeString(etc.resolve("farrier.yaml"), configuration(host.value(), names));
            try (Assembly farrier = new Assembly(Path.of("/etc/farrier/farrier.yaml"), root)) {
                assertThat(farrier.keeper().keep(Order.byHand("rollover").allowingRemoval()))
                        .extracting(Outcome::result)
                        .containsOnly(Outcome.Result.APPLIED, Outcome.Result.KEPT);
            }
        }

        @Override
        public Optional<String> pull() {
            try {
                NodeFiles files = NodeFiles.below(root);
                Registry withoutLogin = Registry.trusting(host, new byte[0], Optional.empty());
                RuntimeView dockerd = new RuntimeView(
                        "docker",
                        RuntimeRules.docker(new LiveSettings(List.of(), List.of(), false, Map.of()), name -> List.of()),
                        files,
                        Optional.empty(),
                        any -> withoutLogin,
                        new RegistryProbe(
                                Names.OF_THIS_NODE,
                                Clock.systemUTC(),
                                new RefusedLogins(files, Path.of("/logins"), Clock.systemUTC())));
                RegistryReport seen = dockerd.probe(host, List.of(image));
                done.incrementAndGet();
                return seen.isGood() ? Optional.empty() : Optional.of(root.getFileName() + ": " + seen);
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }

        @Override
        public String trusted() throws IOException {
            return RollOverIT.trusted(root.resolve("etc/docker/certs.d").resolve(host.value()));
        }

        @Override
        public AtomicLong done() {
            return done;
        }
    }

    private static final class RealNode implements Node {
        private final String host;
        private final AtomicLong done = new AtomicLong();

        RealNode(String host) {
            this.host = host;
        }

        @Override
        public void isGiven(Minted... cas) throws IOException {
            List<String> names = write(NODE.file("/etc/farrier"), cas);
            NODE.configure(configuration(host, names));
            NODE.farrier("apply", "--allow-removal").succeeded();
        }

        @Override
        public Optional<String> pull() {
            String image = host + "/" + PAUSE;
            PracticeNode.Result pull = NODE.docker("pull", image);
            NODE.docker("rmi", image);
            done.incrementAndGet();
            return pull.exit() == 0 ? Optional.empty() : Optional.of("dockerd: " + pull);
        }

        @Override
        public String trusted() throws IOException {
            return RollOverIT.trusted(NODE.file("/etc/docker/certs.d/" + host));
        }

        @Override
        public AtomicLong done() {
            return done;
        }
    }

    /** Every node that is on pulls again and again: the simulated ones one after the other, the real one beside them. */
    private static final class Pulls implements AutoCloseable {
        private final Set<Node> off = ConcurrentHashMap.newKeySet();
        private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        private final AtomicInteger working = new AtomicInteger();
        private final List<Node> nodes;
        private volatile boolean ended;

        Pulls(List<Node> nodes) {
            this.nodes = nodes;
            Node real = nodes.get(nodes.size() - 1);
            List<Node> simulated = nodes.subList(0, nodes.size() - 1);
            working.set(2);
            daemon(() -> pullOnAndOn(simulated));
            daemon(() -> pullOnAndOn(List.of(real)));
        }

        private void pullOnAndOn(List<Node> mine) {
            while (!ended) {
                for (Node node : mine) {
                    synchronized (node) {
                        if (!ended && !off.contains(node)) {
                            node.pull().ifPresent(failures::add);
                        }
                    }
                }
            }
            working.decrementAndGet();
        }

        /** Returns once each of these has pulled twice more: the second one began after this was asked. */
        void allOf(List<Node> some) {
            List<Long> before = some.stream().map(node -> node.done().get()).toList();
            await().atMost(PATIENCE)
                    .until(() -> IntStream.range(0, some.size())
                            .allMatch(i -> some.get(i).done().get() >= before.get(i) + 2));
        }

        void stop(Node node) {
            off.add(node);
            synchronized (node) {
                assertThat(off).contains(node); // a pull that was on has ended
            }
        }

        void go(Node node) {
            off.remove(node);
        }

        List<String> failures() {
            return List.copyOf(failures);
        }

        long done() {
            return nodes.stream().mapToLong(node -> node.done().get()).sum();
        }

        @Override
        public void close() {
            ended = true;
            await().atMost(PATIENCE).until(() -> working.get() == 0);
        }
    }
}
