package io.farrier.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.pki.GoVersion;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.testing.CertificateCorpus;
import io.farrier.testing.CertificateCorpus.Case;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.farrier.transport.Trust;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * For every server of the corpus the probe says what the real dockerd, and the real containerd through CRI, say when they
 * pull from it: the same words, and good where the pull succeeds. {@code bench.sh probe} asks further generations.
 */
final class ProbeCorpusIT {
    private static final int PARALLEL = 8;
    private static final Pattern WORDS = Pattern.compile("(?s).*(?:Get|Head) \"https?://[^\"]+\": (.*)");

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
            GoVersion docker = GoVersion.parse(goOf(node, "dockerd")).orElseThrow();
            GoVersion containerd = GoVersion.parse(goOf(node, "containerd")).orElseThrow();

            Map<String, String> said = said(corpus, new DockerRuntime(http, node.dockerSocket()));
            Map<String, String> byContainerd = said(corpus, new CriRuntime(http, node.containerdSocket()));

            write(node.directory().resolve("dockerd.verdicts"), said);
            write(node.directory().resolve("containerd.verdicts"), byContainerd);
            assertThat(differences(said, probed(node, corpus, docker))).as("dockerd of " + docker).isEmpty();
            assertThat(differences(byContainerd, probed(node, corpus, containerd)))
                    .as("containerd of " + containerd)
                    .isEmpty();
            assertThat(said).hasSizeGreaterThan(60);
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
                    Files.write(certs.resolve("client.cert"), each.client().get().certificate());
                    Files.writeString(
                            certs.resolve("client.key"), each.client().get().key().reveal());
                }
            }
        }
    }

    private static String goOf(PracticeNode node, String daemon) {
        return node.exec("sh", "-c", "strings -n 6 /proc/" + node.pid(daemon) + "/exe | grep -m 1 -o '^go1\\.[0-9.]*'")
                .succeeded()
                .out();
    }

    // ---- what the runtimes say

    private static Map<String, String> said(CertificateCorpus corpus, ContainerRuntime runtime) throws Exception {
        return ofEach(corpus, each -> {
            try {
                runtime.pull(
                        new PullRequest(Reference.parse(each.host() + "/app:1"), java.util.Optional.empty()),
                        progress -> {});
                return "good";
            } catch (IOException failed) {
                return normal(String.valueOf(failed.getMessage()));
            }
        });
    }

    // ---- what the probe says

    private static Map<String, String> probed(PracticeNode node, CertificateCorpus corpus, GoVersion go)
            throws Exception {
        RegistryProbe probe = new RegistryProbe(
                name -> new InetAddress[] {InetAddress.getByName(addressOf(name, node))},
                Clock.systemUTC(),
                LoginMemory.NONE);
        return ofEach(corpus, each -> {
            Trust trust = Trust.withCa(each.trusted().getBytes(StandardCharsets.US_ASCII));
            Trust complete = each.client()
                    .map(pair -> trust.withClient(pair.certificate(), pair.key()))
                    .orElse(trust);
            Examination seen = probe.examine(List.of(Door.of(RegistryHost.parse(each.host()), complete, go)));
            return seen.isGood() ? "good" : normal(seen.faults().get(0).words());
        });
    }

    /** For whoever wants to see them. */
    private static void write(Path file, Map<String, String> said) throws IOException {
        List<String> lines = new ArrayList<>();
        said.forEach((name, words) -> lines.add(name + ": " + words));
        Files.write(file, lines);
    }

    private static List<String> differences(Map<String, String> said, Map<String, String> probed) {
        return said.keySet().stream()
                .filter(name -> !said.get(name).equals(probed.get(name)))
                .map(name -> "\n" + name + "\n  runtime: " + said.get(name) + "\n  probe:   " + probed.get(name))
                .toList();
    }

    /** As the node's /etc/hosts has it. */
    private static String addressOf(String name, PracticeNode node) {
        return switch (name) {
            case CertificateCorpus.NAME -> node.hostAddress();
            case "registry.practice", "plain.practice" -> node.address();
            default -> name;
        };
    }

    private interface Answer {
        String to(Case each) throws IOException;
    }

    private static Map<String, String> ofEach(CertificateCorpus corpus, Answer answer) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(PARALLEL);
        try {
            List<Case> cases = corpus.cases();
            List<Future<String>> answers = new ArrayList<>();
            cases.forEach(each -> answers.add(pool.submit(() -> answer.to(each))));
            Map<String, String> all = new TreeMap<>();
            for (int i = 0; i < cases.size(); i++) {
                all.put(cases.get(i).name(), answers.get(i).get());
            }
            return all;
        } finally {
            pool.shutdownNow();
        }
    }

    /** Without the wrapping, the time of day and the port that the system chose. */
    private static String normal(String message) {
        Matcher words = WORDS.matcher(message);
        return (words.matches() ? words.group(1) : message)
                .replaceAll("current time \\S+ is", "current time T is")
                .replaceAll("read tcp \\S+->\\S+: ", "")
                .strip();
    }
}
