package io.farrier.rig;

import static io.farrier.rig.NeighbourSecrets.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.node.Commands;
import io.farrier.node.ProcessCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Secrets of ours and of our neighbours, in every key that can hold one (SAFETY 32, 33): the real jar shows none of them,
 * says none of them in an error, and keeps those it must keep where root alone reads.
 */
final class SecretsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final String DAEMON_JSON = NeighbourSecrets.daemonJson(
            "\"registry-mirrors\": [\"https://own.example\"]",
            "\"cluster-store-opts\": {\"kv.password\": \"hunter2-kv\"}");

    private static final String REGISTRIES_YAML = """
            mirrors:
              docker.io: {endpoint: ["https://u:hunter2-url@own.example"]}
            configs:
              own.example:
                auth: {username: robot, password: hunter2-password, token: hunter2-unknown}
              other.example:
                auth: {auth: hunter2-auth, identity_token: hunter2-identity}
              a.example:5000:
                auth: {username: old, password: hunter2-replaced}
            auths: {old.example: {password: hunter2-auths}}
            """;

    private static final String HOSTS_TOML = """
            server = "https://u:hunter2-server@front.example"
            [host."https://u:hunter2-url@near.example"]
              capabilities = ["pull"]
              [host."https://u:hunter2-url@near.example".header]
                authorization = "Basic hunter2-basic"
            [header]
              x-token = ["hunter2-header"]
            """;

    @TempDir
    Path root;

    @ParameterizedTest
    @CsvSource({
        "docker, etc/docker/daemon.json",
        "k3s, etc/rancher/k3s/registries.yaml",
        "containerd, etc/containerd/certs.d/a.example:5000/hosts.toml"
    })
    void areNeitherShownNorSaidNorLeftOpen(String distribution, String file) throws IOException {
        configure(distribution);
        String before = foreign(distribution);
        Path kept = write(file, before);
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rw-------"));

        saysNone("plan");
        saysNone("plan", "-o", "json");
        Commands.Result applied = saysNone("apply", "-o", "json");
        assertThat(applied.out()).as("%s", applied).contains("\"result\" : \"applied\"");
        assertThat(kept).content().isNotEqualTo(before).contains(SECRET);
        assertThat(Files.readString(root.resolve("var/lib/farrier/ledger/history.jsonl")))
                .doesNotContain(SECRET);
        isReadByRootAlone(root.resolve("var/lib/farrier"));
        assertThat(mode(kept)).isEqualTo("rw-------");

        saysNone("restore");
        assertThat(kept).hasContent(before);

        write(file, before + "\n}] = : \"hunter2-broken");
        saysNone("apply", "-o", "json");
    }

    private static String foreign(String distribution) {
        return switch (distribution) {
            case "docker" -> DAEMON_JSON;
            case "k3s" -> REGISTRIES_YAML;
            default -> HOSTS_TOML;
        };
    }

    private void configure(String distribution) throws IOException {
        Files.createDirectories(root.resolve("var/lib"));
        Path secret = write("etc/farrier/secrets/robot", "hunter2-ours\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        write("etc/farrier/ca.crt", Files.readString(Path.of("src/test/resources/io/farrier/pki/ca.crt")));
        write("etc/containerd/config.toml", """
                version = 2
                [plugins."io.containerd.grpc.v1.cri".registry]
                  config_path = "/etc/containerd/certs.d"
                """);
        write("etc/farrier/farrier.yaml", """
                mode: keep
                node: {distribution: %s}
                registries:
                  - {host: "a.example:5000", ca: ca.crt, auth: {username: robot, password_file: secrets/robot}}
                  - {host: "plain.example:5000", insecure: true}
                mirrors: {docker.io: {endpoints: ["https://mirror.example"]}}
                docker: {daemon_json: {log-opts: {splunk-token: hunter2-configured}}}
                """.formatted(distribution));
    }

    private Path write(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Commands.Result saysNone(String... verb) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path jar =
                Path.of(System.getProperty("farrier.jar", "target/farrier.jar")).toAbsolutePath();
        List<String> command = new ArrayList<>(List.of(java, "-jar", jar.toString()));
        command.addAll(List.of(verb));
        command.addAll(List.of("--root", root.toString()));
        Commands.Result result = new ProcessCommands().run(PATIENCE, command);
        assertThat(result.out() + result.err()).as("%s", command).isNotBlank().doesNotContain(SECRET);
        return result;
    }

    private static void isReadByRootAlone(Path state) throws IOException {
        try (Stream<Path> paths = Files.walk(state)) {
            for (Path path : paths.toList()) {
                assertThat(mode(path)).as("%s", path).isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
            }
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
