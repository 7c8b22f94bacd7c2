package io.farrier.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.InvalidConfigException;
import io.farrier.plan.Outcome;
import io.farrier.reconcile.Order;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A configuration that was cut short, at every byte, takes nothing from the node (SAFETY 3). */
final class AbsenceTest {
    private static final String CONFIG = """
            mode: keep
            node: {distribution: %s}
            registries:
              - host: registry.example:5000
                ca:
                  - ca.crt
                  - other-ca.crt
              - host: plain.example:5000
                insecure: true
            mirrors:
              docker.io:
                endpoints:
                  - https://registry.example:5000
                  - https://other.example
            docker:
              daemon_json:
                live-restore: true
            """;

    private static final String CONTAINERD =
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\"\n";

    @TempDir
    Path root;

    @Test
    void takesNothingFromDocker() throws IOException {
        takesNothing("docker");
    }

    @Test
    void takesNothingFromK3s() throws IOException {
        takesNothing("k3s");
    }

    @Test
    void takesNothingFromContainerd() throws IOException {
        takesNothing("containerd");
    }

    private void takesNothing(String distribution) throws IOException {
        String whole = CONFIG.formatted(distribution);
        write("etc/farrier/ca.crt", pem("ca.crt"));
        write("etc/farrier/other-ca.crt", pem("other-ca.crt"));
        write("etc/containerd/config.toml", CONTAINERD.getBytes(StandardCharsets.UTF_8));
        Files.createDirectories(root.resolve("var/lib"));
        configure(whole);
        assertThat(keep(Order.byHand("root"))).extracting(Outcome::result).contains(Outcome.Result.APPLIED);
        Map<String, List<String>> kept = saying();
        assertThat(kept).isNotEmpty();

        int taken = 0;
        for (int cut = 0; cut < whole.length(); cut++) {
            configure(whole.substring(0, cut));
            taken += isTaken() ? 1 : 0;
            Map<String, List<String>> now = saying();
            String at = whole.substring(0, cut);
            kept.forEach((file, lines) -> assertThat(now.getOrDefault(file, List.of()))
                    .as("%s, cut after: %s", file, at)
                    .containsAll(lines));
        }
        assertThat(taken).as("cuts that are valid configurations").isGreaterThan(20);
    }

    /** False when the configuration is not one. */
    private boolean isTaken() throws IOException {
        try {
            keep(Order.agent());
            keep(Order.byHand("root"));
            return true;
        } catch (InvalidConfigException rejected) {
            return false;
        }
    }

    private List<Outcome> keep(Order order) throws IOException {
        try (Assembly assembly = new Assembly(Path.of("/etc/farrier/farrier.yaml"), root)) {
            return assembly.keeper().keep(order);
        }
    }

    /** The words of every file of the runtimes: what was said before must still be said, wherever it stands. */
    private Map<String, List<String>> saying() throws IOException {
        Map<String, List<String>> saying = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root.resolve("etc"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                if (!name.startsWith("etc/farrier")) {
                    saying.put(name, words(Files.readString(file)));
                }
            }
        }
        return saying;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>(List.of(text.split("[\\s,\\[\\]{}]+")));
        words.removeIf(String::isEmpty);
        return words;
    }

    private void configure(String text) throws IOException {
        write("etc/farrier/farrier.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private static byte[] pem(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(AbsenceTest.class.getResourceAsStream("/io/farrier/pki/" + name), name)) {
            return in.readAllBytes();
        }
    }
}
