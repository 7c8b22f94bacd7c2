package io.farrier.keep.containerd;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.image.Reference;
import io.farrier.node.ProcessCommands;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is written makes a real containerd pull, at once; what is given back takes that away again. */
final class HostsDirectoryIT {
    private static final String UPSTREAM = "upstream.example";
    private static final Order BY_HAND = Order.byHand("root");

    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("hosts-directory").runtime("containerd").seeded(PAUSE);

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static CriRuntime containerd;

    @BeforeAll
    static void reachContainerd() {
        NODE.seedTo("plain", "plain/app:1");
        containerd = new CriRuntime(HTTP, NODE.containerdSocket(), new ProcessCommands());
    }

    @AfterAll
    static void close() {
        containerd.close();
        HTTP.close();
        VERTX.close();
    }

    @Test
    void pullsFailUntilItIsWrittenAndFailAgainOnceItIsGivenBack() throws IOException {
        Path kept = NODE.directory().resolve("etc-containerd");
        Map<String, String> before = tree(kept);
        Keeper keeper = keeper();
        String trusted = NODE.registry() + "/" + PAUSE;
        String mirrored = UPSTREAM + "/" + PAUSE;
        String plain = NODE.plainRegistry() + "/plain/app:1";
        int pid = NODE.pid("containerd");

        assertThatThrownBy(() -> pull(trusted)).hasMessageContaining("x509: certificate signed by unknown authority");
        assertThatThrownBy(() -> pull(mirrored)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> pull(plain)).hasMessageContaining("server gave HTTP response to HTTPS client");

        assertThat(results(keeper.keep(BY_HAND))).containsExactly(Result.APPLIED);
        pull(trusted);
        pull(mirrored);
        pull(plain);
        assertThat(NODE.words("containerd")).doesNotContain("failed to decode hosts.toml");
        assertThatThrownBy(() -> pull(NODE.registry() + "/no/such:1"))
                .hasMessageContaining("not found")
                .hasMessageNotContaining("x509");

        assertThat(results(keeper.restore(BY_HAND))).containsExactly(Result.APPLIED);
        assertThat(tree(kept)).isEqualTo(before);
        assertThatThrownBy(() -> pull(trusted)).hasMessageContaining("x509: certificate signed by unknown authority");
        assertThat(NODE.pid("containerd")).isEqualTo(pid);
    }

    /** The node's folder as a root: its /etc/containerd lies there under another name, to which a link leads. */
    private static Keeper keeper() throws IOException {
        Path etc = Files.createDirectories(NODE.directory().resolve("etc"));
        Files.createSymbolicLink(etc.resolve("containerd"), Path.of("../etc-containerd"));
        NodeBench bench = new NodeBench(NODE.directory());
        FarrierConfig config = Configurations.of(
                List.of(
                        Configurations.trusted(NODE.registry(), Files.readAllBytes(NODE.registryCa())),
                        Configurations.insecure(NODE.plainRegistry())),
                Map.of(UPSTREAM, new Mirror(List.of(URI.create("https://" + NODE.registry())), Map.of())),
                Map.of());
        return bench.keeper(new HostsDirectory(config, bench.files(), bench.ledger()));
    }

    private static void pull(String image) throws IOException {
        containerd.pull(new PullRequest(Reference.parse(image), Optional.empty()), PullListener.SILENT);
    }

    private static List<Result> results(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::result).toList();
    }

    private static Map<String, String> tree(Path folder) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                String content = Files.isRegularFile(path) ? Files.readString(path) : "";
                tree.put(path.toString(), Files.getAttribute(path, "unix:mode") + " " + content);
            }
        }
        return tree;
    }
}
