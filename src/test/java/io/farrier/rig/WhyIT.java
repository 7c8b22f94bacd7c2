package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.image.Reference;
import io.farrier.node.ProcessCommands;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.testing.Minted;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.TinyRegistry;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code farrier why} and {@code probe} predict is what instrumented servers see from the real dockerd and containerd. */
final class WhyIT {
    private static final String IMAGE = "rancher/mirrored-pause:3.6";
    private static final String HUB = "registry-1.docker.io";

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("why").runtime("docker+containerd");

    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Test
    void theOrderIsTheOneThatServersSee() throws Exception {
        String address = NODE.hostAddress();
        Minted root = Minted.ca("Mirror CA").selfSigned();
        Minted leaf = Minted.server("x").dns("host.practice").by(root);
        try (TinyRegistry first = TinyRegistry.plain(address, 0, missing("first"));
                TinyRegistry second = TinyRegistry.tls(
                        address, 0, leaf.key(), List.of(leaf.certificate()), Optional.empty(), missing("second"));
                TinyRegistry hub = TinyRegistry.noting(address, 443, scheme -> seen.add(HUB));
                TinyRegistry insecure = TinyRegistry.noting(address, 0, scheme -> seen.add("insecure " + scheme))) {
            String one = "http://host.practice:" + first.port();
            String two = "https://host.practice:" + second.port();
            String bare = "host.practice:" + insecure.port();
            trust("/etc/docker/certs.d/host.practice:" + second.port(), root);
            writeHosts(one, two, trust("/etc/containerd/certs.d/docker.io", root));
            restart("{\"registry-mirrors\":[\"" + one + "\",\"" + two + "\"],\"insecure-registries\":[\"" + bare
                    + "\"]}");

            NODE.docker("pull", IMAGE).exited(1);
            List<String> byDocker = order();
            assertThat(byDocker).containsExactly("first", "second", HUB);
            assertThat(predicted("docker", IMAGE, one, two)).isEqualTo(byDocker);

            NODE.docker("pull", bare + "/app:1").exited(1);
            assertThat(order()).containsExactly("insecure https", "insecure http");
            assertThat(urls("docker", bare + "/app:1"))
                    .extracting(url -> URI.create(url).getScheme())
                    .containsExactly("https", "http");

            pullByContainerd();
            List<String> byContainerd = order();
            assertThat(byContainerd).containsExactly("second", "first", HUB);
            assertThat(predicted("containerd", IMAGE, one, two)).isEqualTo(byContainerd);
        }
    }

    @Test
    void aProxyInTheMiddleIsCalledSo() throws Exception {
        Minted strange = Minted.ca("Corporate Inspection").selfSigned();
        Minted leaf = Minted.server("x").dns("registry.practice").by(strange);
        trust("/etc/docker/certs.d/" + NODE.registry(), Files.readString(NODE.registryCa()));
        try (TinyRegistry proxy = TinyRegistry.intercepting(NODE.hostAddress(), leaf)) {
            String drops = "/etc/systemd/system/docker.service.d";
            Files.createDirectories(NODE.file(drops));
            Files.writeString(NODE.file(drops + "/proxy.conf"), "[Service]\nEnvironment=HTTPS_PROXY=...\n");
            NODE.stop("dockerd");
            NODE.exec(
                            "env",
                            "HTTPS_PROXY=http://host.practice:" + proxy.port(),
                            "NO_PROXY=.elsewhere,auth.practice",
                            Path.of("packaging/practice-node").toAbsolutePath().toString(),
                            "__daemon",
                            NODE.directory().toString(),
                            "start",
                            "dockerd")
                    .succeeded();
            NODE.configure("node: {distribution: docker}\n");

            String said =
                    NODE.docker("pull", NODE.registry() + "/app:1").exited(1).err();
            JsonNode found = probe(NODE.registry());

            assertThat(found.at("/faults/0/code").asText()).isEqualTo("proxy-in-the-middle");
            assertThat(said).contains(found.at("/faults/0/words").asText());
            assertThat(found.at("/faults/0/sentence").asText())
                    .contains(
                            "Corporate Inspection",
                            "HTTPS_PROXY of dockerd (" + drops + "/proxy.conf)",
                            "add 'registry.practice' to NO_PROXY");
            assertThat(proxy.asked()).contains("CONNECT registry.practice:5000 HTTP/1.1");
            assertThat(probe(NODE.authRegistry()).has("proxy"))
                    .as("NO_PROXY names it")
                    .isFalse();
        }
        NODE.stop("dockerd");
        NODE.start("dockerd");
    }

    // ---- what the servers do

    /** Registries that have no image. */
    private TinyRegistry.Answers missing(String name) {
        return (method, target, headers) -> {
            if (target.contains("/manifests/")) {
                seen.add(name);
                return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            }
            return null;
        };
    }

    /** Each once, in the order in which they were asked first; what comes next is seen anew. */
    private List<String> order() {
        Set<String> once = new LinkedHashSet<>(seen);
        seen.clear();
        return List.copyOf(once);
    }

    private void pullByContainerd() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx);
                CriRuntime runtime = new CriRuntime(http, NODE.containerdSocket(), new ProcessCommands())) {
            runtime.pull(new PullRequest(Reference.parse(IMAGE), Optional.empty()), progress -> {});
            throw new AssertionError("nobody has " + IMAGE + ", and containerd pulled it");
        } catch (IOException nobodyHasIt) {
            assertThat(nobodyHasIt).hasMessageContaining("registry-1.docker.io");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    // ---- what farrier says

    private List<String> predicted(String distribution, String image, String first, String second) throws IOException {
        List<String> names = new ArrayList<>();
        for (String url : urls(distribution, image)) {
            names.add(
                    url.startsWith(first)
                            ? "first"
                            : url.startsWith(second)
                                    ? "second"
                                    : URI.create(url).getHost());
        }
        return names;
    }

    private List<String> urls(String distribution, String image) throws IOException {
        NODE.configure("node: {distribution: " + distribution + "}\n");
        JsonNode why = json(NODE.farrier("why", "-o", "json", image).exited(3));
        seen.clear(); // it asked them, too
        return why.path("endpoints").findValuesAsText("url");
    }

    private static JsonNode probe(String registry) throws IOException {
        PracticeNode.Result result = NODE.farrier("probe", "-o", "json", registry);
        return new ObjectMapper().readTree(result.out()).at("/registries/0");
    }

    private static JsonNode json(PracticeNode.Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }

    // ---- how the node is furnished

    private static Path trust(String folder, Minted authority) throws IOException {
        return trust(folder, authority.pem());
    }

    private static Path trust(String folder, String pem) throws IOException {
        Path certs = Files.createDirectories(NODE.file(folder));
        Files.writeString(certs.resolve("ca.crt"), pem);
        return certs;
    }

    private static void writeHosts(String one, String two, Path folder) throws IOException {
        Files.writeString(
                folder.resolve("hosts.toml"),
                "[host.\"" + two + "\"]\n  ca = \"ca.crt\"\n  capabilities = [\"pull\", \"resolve\"]\n"
                        + "[host.\"https://pull.only\"]\n  capabilities = [\"pull\"]\n"
                        + "[host.\"" + one + "\"]\n");
    }

    /** With the hub's name known; daemons remember /etc/hosts for some seconds. */
    private static void restart(String daemonJson) throws IOException {
        NODE.stop("dockerd");
        NODE.stop("containerd");
        Files.writeString(
                NODE.directory().resolve("hosts"), NODE.hostAddress() + " " + HUB + "\n", StandardOpenOption.APPEND);
        Files.writeString(NODE.file("/etc/docker/daemon.json"), daemonJson);
        NODE.start("containerd");
        NODE.start("dockerd");
    }
}
