package io.farrier.keep.containerd;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.farrier.testing.CannedServer;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * hosts.toml in the styles of public repositories. A real containerd pulls through each as it is and as farrier edits it: it
 * complains in its log, or the endpoint that the file names hears from it. Another suite's containerd: {@code
 * -Dfarrier.suite=trixie}.
 */
final class HostsTomlStylesIT {
    private static final Path STYLES = Path.of("src/test/resources/io/farrier/document/hosts-toml/styles");
    private static final Path PKI = Path.of("src/test/resources/io/farrier/pki");
    private static final Order BY_HAND = Order.byHand("root");

    /** What containerd reads, and farrier cannot edit by lines. */
    private static final Set<String> STRICTER = Set.of("23-inline-host.toml");

    private static final Pattern COMPLAINT = Pattern.compile("failed to decode hosts\\.toml");

    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("hosts-styles").runtime("containerd").suite(System.getProperty("farrier.suite", "host"));

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static CriRuntime containerd;
    private static CannedServer endpoint;
    private static NodeBench bench;

    @BeforeAll
    static void reachContainerd() throws Exception {
        containerd = new CriRuntime(HTTP, NODE.containerdSocket(), new ProcessCommands());
        endpoint = CannedServer.onAddress(
                NODE.hostAddress(),
                request -> request.response().setStatusCode(404).end());
        Path etc = Files.createDirectories(NODE.directory().resolve("etc"));
        Files.createSymbolicLink(etc.resolve("containerd"), Path.of("../etc-containerd"));
        bench = new NodeBench(NODE.directory());
    }

    @AfterAll
    static void close() throws Exception {
        endpoint.close();
        containerd.close();
        HTTP.close();
        VERTX.close();
    }

    static List<Path> styles() throws IOException {
        try (Stream<Path> files = Files.list(STYLES)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("styles")
    void isEditedSoThatContainerdReadsItOrRefusedAsContainerdIgnoresIt(Path style) throws IOException {
        String host = style.getFileName().toString().replaceFirst("\\.toml$", ".example");
        Path file = Files.createDirectories(
                        NODE.directory().resolve("etc-containerd/certs.d").resolve(host))
                .resolve("hosts.toml");
        byte[] before = written(style);
        Files.write(file, before);
        furnish(file.getParent());
        boolean isIgnored = isIgnored(host);

        Outcome outcome = keeper(host).keep(BY_HAND).get(0);
        byte[] after = Files.readAllBytes(file);
        String verdicts = (isIgnored ? "containerd ignores it" : "containerd reads it") + "\nfarrier: " + outcome;
        if (outcome.result() == Result.REFUSED) {
            assertThat(isIgnored || STRICTER.contains(style.getFileName().toString()))
                    .as(verdicts)
                    .isTrue();
            assertThat(after).isEqualTo(before);
            return;
        }
        assertThat(outcome.result()).as(verdicts).isEqualTo(Result.APPLIED);
        endpoint.forget();
        assertThat(isIgnored(host))
                .as("%s\nit ignores %s", verdicts, text(after))
                .isFalse();
        assertThat(endpoint.asked()).as("asked through %s", text(after)).anyMatch(asked -> asked.contains("/ours/"));

        assertThat(keeper(host).restore(BY_HAND).get(0).result()).isEqualTo(Result.APPLIED);
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    /** A style that failed is no other's prior state. */
    @AfterEach
    void giveBack() throws IOException {
        keeper("none.example").restore(BY_HAND);
    }

    /** What some of the files name. */
    private static void furnish(Path folder) throws IOException {
        byte[] cert = Files.readAllBytes(PKI.resolve("client.cert"));
        byte[] key = Files.readAllBytes(PKI.resolve("client-pkcs1.key"));
        Files.write(folder.resolve("own.crt"), cert);
        Files.write(folder.resolve("own.key"), key);
        Files.write(folder.resolve("both.pem"), (text(cert) + text(key)).getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] written(Path style) throws IOException {
        String text = new String(Files.readAllBytes(style), StandardCharsets.ISO_8859_1);
        String bare = NODE.hostAddress() + ":" + endpoint.port();
        return text.replace("@NEAR@", "http://" + bare).replace("@BARE@", bare).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Pulls: the file is read for each. */
    private static boolean isIgnored(String host) {
        long before = complaints();
        try {
            containerd.pull(new PullRequest(Reference.parse(host + "/app:1"), Optional.empty()), PullListener.SILENT);
            throw new AssertionError("there is no such image");
        } catch (IOException noSuchImage) {
            return complaints() > before;
        }
    }

    private static long complaints() {
        return COMPLAINT.matcher(NODE.words("containerd")).results().count();
    }

    private static Keeper keeper(String host) {
        URI ours = URI.create("http://" + NODE.hostAddress() + ":" + endpoint.port() + "/ours");
        return bench.keeper(new HostsDirectory(
                Configurations.of(List.of(), Map.of(host, new Mirror(List.of(ours), Map.of())), Map.of()),
                bench.files(),
                bench.ledger()));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
