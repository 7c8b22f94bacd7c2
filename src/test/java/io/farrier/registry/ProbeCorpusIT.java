package io.farrier.registry;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.image.Reference;
import io.farrier.node.ProcessCommands;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.testing.CertificateCorpus;
import io.farrier.testing.CertificateCorpus.Case;
import io.farrier.testing.Minted;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.TinyRegistry;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For every server of the corpus {@code farrier probe} says what the real dockerd, and the real containerd through CRI,
 * say when they pull from it: the same words, and "good" where the pull succeeds. {@code bench.sh probe} asks further
 * generations.
 */
final class ProbeCorpusIT {
    private static final int PARALLEL = 8;
    private static final int AT_LEAST = 75; // a corpus that shrinks proves less
    private static final Pattern WORDS = Pattern.compile("(?s).*(?:Get|Head) \"https?://[^\"]+\": (.*)");

    private static final String TOKEN =
            "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + "{\"token\":\"abc\"}";

    static Stream<String> suites() {
        return Stream.of(System.getProperty("farrier.suites", "host").split(","));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void theProbeSaysWhatDockerdAndContainerdSay(String suite) throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx);
                PracticeNode node = PracticeNode.named("corpus-" + suite)
                        .suite(suite)
                        .runtime("docker+containerd")
                        .seeded("app:1")
                        .up();
                CertificateCorpus corpus = new CertificateCorpus(node.hostAddress())) {
            String ca = Files.readString(node.registryCa());
            corpus.add("good, a real registry", node.registry(), ca);
            corpus.add("a real registry without TLS", node.plainRegistry(), ca);
            furnish(node, corpus);

            ContainerRuntime docker = new DockerRuntime(http, node.dockerSocket());
            ContainerRuntime containerd = new CriRuntime(http, node.containerdSocket(), new ProcessCommands());
            assertSame(node, corpus, "docker", docker);
            assertSame(node, corpus, "containerd", containerd);
            assertTokenServersAreTrustedAsTheRegistryIs(node, "docker", docker);
            assertTokenServersAreTrustedAsTheRegistryIs(node, "containerd", containerd);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static void furnish(PracticeNode node, CertificateCorpus corpus) throws IOException {
        for (Case each : corpus.cases()) {
            for (String folder : List.of("/etc/docker/certs.d", "/etc/containerd/certs.d")) {
                Path certs = Files.createDirectories(node.file(folder).resolve(each.host()));
                Files.writeString(certs.resolve("ca.crt"), each.trusted());
                if (each.client().isPresent()) {
                    Files.write(
                            certs.resolve("client.cert"), each.client().get().certificate());
                    Files.writeString(
                            certs.resolve("client.key"),
                            each.client().get().key().reveal());
                }
            }
        }
    }

    private static void assertSame(
            PracticeNode node, CertificateCorpus corpus, String distribution, ContainerRuntime runtime)
            throws Exception {
        Map<String, String> said = said(corpus, runtime);
        write(node.directory().resolve(distribution + ".verdicts"), said);

        Map<String, String> probed = probed(node, corpus, distribution);

        assertThat(said).hasSizeGreaterThanOrEqualTo(AT_LEAST);
        assertThat(differences(said, probed))
                .as(distribution + " of " + node.directory())
                .isEmpty();
    }

    /** A token server with a CA of its own: the runtime verifies it with what lies in the registry's folder. */
    private static void assertTokenServersAreTrustedAsTheRegistryIs(
            PracticeNode node, String distribution, ContainerRuntime runtime) throws IOException {
        Minted own = Minted.ca("Registry CA").selfSigned();
        Minted other = Minted.ca("Token CA").selfSigned();
        try (TinyRegistry tokens = serve(node, other, (method, target, headers) -> TOKEN);
                TinyRegistry registry = serve(
                        node,
                        own,
                        (method, target, headers) -> headers.containsKey("authorization")
                                ? null
                                : "HTTP/1.1 401 X\r\nContent-Length: 0\r\nWWW-Authenticate: Bearer realm=\"https://"
                                        + CertificateCorpus.NAME + ":" + tokens.port()
                                        + "/token\",service=\"s\"\r\n\r\n")) {
            String host = CertificateCorpus.NAME + ":" + registry.port();
            Path folder = Files.createDirectories(
                    node.file("/etc/" + distribution + "/certs.d").resolve(host));
            node.configure("node: {distribution: " + distribution + "}\n");
            Case asked = new Case("token server", host, "", Optional.empty());

            Files.writeString(folder.resolve("ca.crt"), own.pem());
            String said = pull(asked, runtime);
            JsonNode image = new ObjectMapper()
                    .readTree(node.farrier("probe", "-o", "json", host, "app:1")
                            .exited(3)
                            .out())
                    .at("/registries/0/images/0/fault");
            assertThat(image.path("code").asText()).isEqualTo("token-server");
            assertThat(normal(image.path("words").asText())).isEqualTo(said);

            Files.writeString(folder.resolve("ca.crt"), own.pem() + other.pem());
            assertThat(pull(asked, runtime)).isEqualTo("good");
            node.farrier("probe", host, "app:1").exited(0);
        }
    }

    private static TinyRegistry serve(PracticeNode node, Minted ca, TinyRegistry.Answers answers) {
        Minted leaf = Minted.server("x").dns(CertificateCorpus.NAME).by(ca);
        return TinyRegistry.tls(
                node.hostAddress(), 0, leaf.key(), List.of(leaf.certificate()), Optional.empty(), answers);
    }

    // ---- what the runtimes say

    private static Map<String, String> said(CertificateCorpus corpus, ContainerRuntime runtime) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(PARALLEL);
        try {
            Map<String, Future<String>> answers = new TreeMap<>();
            corpus.cases().forEach(each -> answers.put(each.name(), pool.submit(() -> pull(each, runtime))));
            Map<String, String> said = new TreeMap<>();
            for (Map.Entry<String, Future<String>> answer : answers.entrySet()) {
                said.put(answer.getKey(), answer.getValue().get());
            }
            return said;
        } finally {
            pool.shutdownNow();
        }
    }

    private static String pull(Case each, ContainerRuntime runtime) {
        try {
            runtime.pull(new PullRequest(Reference.parse(each.host() + "/app:1"), Optional.empty()), progress -> {});
            return "good";
        } catch (IOException failed) {
            Matcher words = WORDS.matcher(String.valueOf(failed.getMessage()));
            return normal(words.matches() ? words.group(1) : String.valueOf(failed.getMessage()));
        }
    }

    // ---- what the probe says

    private static Map<String, String> probed(PracticeNode node, CertificateCorpus corpus, String distribution)
            throws IOException {
        node.configure("node: {distribution: " + distribution + "}\nregistries:\n"
                + corpus.cases().stream()
                        .map(each -> "  - host: '" + each.host() + "'\n")
                        .collect(joining()));
        JsonNode json = new ObjectMapper()
                .readTree(node.farrier("probe", "--all", "-o", "json").exited(3).out());
        Map<String, String> words = new TreeMap<>();
        for (JsonNode report : json.path("registries")) {
            words.put(
                    report.path("registry").asText(),
                    report.path("ok").asBoolean()
                            ? "good"
                            : normal(report.at("/faults/0/words").asText()));
        }
        Map<String, String> probed = new TreeMap<>();
        corpus.cases().forEach(each -> probed.put(each.name(), String.valueOf(words.get(each.host()))));
        return probed;
    }

    /** Without the time of day, and the port that the system chose. */
    private static String normal(String words) {
        return words.replaceAll("current time \\S+ is", "current time T is")
                .replaceAll("read tcp \\S+->\\S+: ", "")
                .strip();
    }

    private static List<String> differences(Map<String, String> said, Map<String, String> probed) {
        return said.keySet().stream()
                .filter(name -> !said.get(name).equals(probed.get(name)))
                .map(name -> "\n" + name + "\n  runtime: " + said.get(name) + "\n  probe:   " + probed.get(name))
                .toList();
    }

    /** For whoever wants to see them. */
    private static void write(Path file, Map<String, String> said) throws IOException {
        List<String> lines = new ArrayList<>();
        said.forEach((name, words) -> lines.add(name + ": " + words));
        Files.write(file, lines);
    }
}
