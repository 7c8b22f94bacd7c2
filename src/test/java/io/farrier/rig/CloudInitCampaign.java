package io.farrier.rig;

import static io.farrier.testing.SystemdNode.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.image.Sha256;
import io.farrier.testing.HostCollector;
import io.farrier.testing.SystemdNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.yaml.snakeyaml.Yaml;

/**
 * A new machine, whose cloud-init runs the one line that the collector on this host printed; {@code /var} is one file
 * system. Run by {@code packaging/bench.sh systemd}. Each step stands on the one before.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class CloudInitCampaign {
    private static final Duration SOON = Duration.ofMinutes(1);
    private static final int PORT = 18470;

    /** What EC2 takes, the smallest of all. */
    private static final int MAX_USER_DATA_BYTES = 16 * 1024;

    /** Before this file is there the line does not run. */
    private static final String GO = "/run/practice-go";

    /** Prints the files that hold a token, plain or somewhere within base64, whose lines may be broken. */
    private static final String FIND_TOKEN = """
            import base64, os, sys
            token = sys.argv[1].encode()
            def within(before):
                whole = base64.b64encode(b"x" * before + token)
                return whole[-(-before * 8 // 6):(before + len(token)) * 8 // 6]
            forms = [token] + [within(before) for before in range(3)]
            for folder in sys.argv[2:]:
                for path, folders, names in os.walk(folder):
                    folders[:] = [name for name in folders if name != "practice"]
                    for name in names:
                        file = os.path.join(path, name)
                        if os.path.isfile(file):
                            content = open(file, "rb").read()
                            bare = content.replace(b"\\\\n", b"").translate(None, b"\\n\\r")
                            if any(form in content or form in bare for form in forms):
                                print(os.path.realpath(file))
            """;

    private static SystemdNode node;
    private static HostCollector collector;
    private static String userData;
    private static String token;

    @BeforeAll
    static void boot() throws IOException {
        Path folder = Path.of("target/systemd/cloud-init-host").toAbsolutePath();
        // At a collector of an earlier run the node's name would be taken.
        shell("rm -rf --one-file-system '" + folder + "'");
        collector = HostCollector.in(folder, SystemdNode.hostAddressFor("cloud-init"), PORT);
        Path deb = collector.packages().resolve("farrier_0.1.0_amd64.deb");
        Files.copy(SystemdNode.built("farrier.deb"), deb, StandardCopyOption.REPLACE_EXISTING);
        userData = sign(deb, folder);
        token = userData.replaceFirst("(?s).*printf '%s\\\\n' (\\S+) >\"\\$d/token\".*", "$1");
        assertThat(token).hasSizeBetween(20, 100);

        Path seed = Files.createDirectories(folder.resolve("seed"));
        Files.writeString(seed.resolve("user-data"), userData);
        Files.writeString(seed.resolve("meta-data"), "instance-id: i-1\nlocal-hostname: node\n");
        node = SystemdNode.up("cloud-init", "--seed", seed.toString(), "--disks", "one");
    }

    /** The line as it is printed, and beside it what a provisioner adds: the registry, and to wait until pods can start. */
    private static String sign(Path deb, Path folder) throws IOException {
        Path key = folder.resolve("release.key");
        shell("openssl ecparam -genkey -name prime256v1 -noout -out '" + key + "'; openssl pkey -in '" + key
                + "' -pubout -out '" + key + ".pub'; openssl dgst -sha256 -sign '" + key + "' -out '" + deb + ".sig' '"
                + deb + "'");
        return collector
                        .invite("--user-data", "--nodes", "node", "--release-key", key + ".pub")
                        .replace("runcmd:\n", "runcmd:\n  - until test -e " + GO + "; do sleep 0.2; done\n")
                + "  - [farrier, wait, --ready, --timeout, 5m]\n"
                + """
                write_files:
                  - path: /etc/farrier/farrier.yaml
                    permissions: '0644'
                    content: |
                      mode: keep
                      registries:
                        - host: %s
                          ca: /etc/practice/trust/ca.crt
                          proof: %s/practice/app:1
                      images: {keep: ["%s/practice/app:1"]}
                      logs: {include: ["job-*"]}
                      changes: {spread: none, restore_on_purge: true}
                """.formatted(REGISTRY, REGISTRY, REGISTRY);
    }

    @AfterAll
    static void end() throws IOException {
        if (node != null) {
            node.close();
        }
        if (collector != null) {
            collector.close();
        }
    }

    /** The control of what is asserted once the line has run: it waits until told. */
    @Test
    @Order(0)
    void theTokenIsFoundWhereCloudInitKeepsIt() {
        node.await(
                "the script that is to run",
                SOON,
                "true",
                () -> Boolean.toString(artefactsWithToken().contains("/scripts/runcmd")));
        assertThat(artefactsWithToken())
                .contains(
                        "/var/lib/cloud/seed/nocloud/user-data",
                        "/var/lib/cloud/instances/i-1/user-data.txt",
                        "/var/lib/cloud/instances/i-1/cloud-config.txt");
        for (int before = 0; before < 3; before++) {
            node.write(
                    "/var/tmp/control",
                    Base64.getMimeEncoder()
                            .encodeToString(("x".repeat(50 + before) + userData).getBytes(StandardCharsets.UTF_8)));
            assertThat(artefactsWithToken()).as("in base64, %d before", before).contains("/var/tmp/control");
        }
        node.shell("rm /var/tmp/control; touch " + GO);
    }

    @Test
    @Order(1)
    void theLineInstallsJoinsTrustsAndProves() throws IOException {
        node.await(
                "cloud-init",
                Duration.ofMinutes(6),
                "status: done",
                () -> node.run("cloud-init", "status").out().strip());

        assertThat(node.shell("cat /run/cloud-init/result.json")).contains("\"errors\": []");
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(node.shell("cat /var/log/cloud-init-output.log")).contains("This node is ready: pods can start.");
        assertThat(node.shell("farrier history -o json")).contains("\"proven\"");
        assertThat(node.shell("docker image inspect " + REGISTRY + "/practice/app:1"))
                .contains(REGISTRY);
        node.run("docker", "rmi", REGISTRY + "/practice/app:1");
        node.run("docker", "pull", REGISTRY + "/practice/app:1").succeeded();
        node.await("the node at the collector", SOON, "true", () -> connected());
    }

    @Test
    @Order(2)
    void theUserDataIsValidAndSmall() throws IOException {
        assertThat(userData.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(MAX_USER_DATA_BYTES / 4);
        assertThat(node.shell("cloud-init schema --config-file /var/lib/cloud/seed/nocloud/user-data"))
                .contains("Valid cloud-config");
        node.copy(Path.of("packaging/cloud-init/user-data.yaml"), "/var/tmp/example.yaml");
        assertThat(node.shell("cloud-init schema --config-file /var/tmp/example.yaml"))
                .contains("Valid cloud-config");
        assertThat(node.shell("grep -c 'Invalid cloud-config' /var/log/cloud-init.log || true"))
                .as("of all that was merged at boot")
                .isEqualToIgnoringNewLines("0");
    }

    @Test
    @Order(3)
    void theTokenIsNowhereAnyMore() {
        assertThat(artefactsWithToken()).isEmpty();
        node.write("/var/tmp/token", token);
        assertThat(node.shell("journalctl --no-pager -o json | grep -cFf /var/tmp/token || true"))
                .isEqualTo("0");
        node.shell("rm /var/tmp/token");
    }

    @Test
    @Order(4)
    void theLinesOfContainersThatAreGoneArriveAlthoughTheAgentWasKilledBeforeTheAck() throws IOException {
        RemovedContainers.arriveWhole(node, collector::kill, collector::restart, CloudInitCampaign::api);
    }

    @Test
    @Order(5)
    void aRebootInstallsNothingAgainAndKeepsTheNodeAsItIs() throws IOException {
        String kept = node.shell("sha256sum /etc/docker/certs.d/*/ca.crt /etc/farrier/farrier.d/50-collector.yaml");
        node.run("systemctl", "reboot");
        node.await("the boots", Duration.ofMinutes(3), "2", () -> Integer.toString(node.boots()));
        node.await(
                "the agent",
                SOON,
                "active",
                () -> node.run("systemctl", "is-active", "farrier").out().strip());
        node.await(
                "cloud-init",
                Duration.ofMinutes(3),
                "status: done",
                () -> node.run("cloud-init", "status").out().strip());
        assertThat(node.shell("sha256sum /etc/docker/certs.d/*/ca.crt /etc/farrier/farrier.d/50-collector.yaml"))
                .isEqualTo(kept);
        node.await("the node at the collector", SOON, "true", () -> connected());
    }

    @Test
    @Order(6)
    void thePlainExampleInstallsFromAFile() throws IOException {
        node.run("dpkg", "-P", "farrier").succeeded();
        assertThat(node.shell("ls /etc/docker")).doesNotContain("certs.d");
        node.copy(SystemdNode.built("farrier.deb"), "/var/tmp/farrier.deb");
        String example = Files.readString(Path.of("packaging/cloud-init/user-data.yaml"))
                .replace("REGISTRY.EXAMPLE:5000", REGISTRY)
                .replace("https://FILES.EXAMPLE/farrier_amd64.deb", "file:///var/tmp/farrier.deb")
                .replace("THE_SHA256_OF_THE_PACKAGE", Sha256.hex(Files.readAllBytes(SystemdNode.built("farrier.deb"))));
        Map<String, List<Map<String, String>>> parsed = new Yaml().load(example);
        for (Map<String, String> file : parsed.get("write_files")) {
            node.shell("mkdir -p $(dirname " + file.get("path") + ")");
            node.write(file.get("path"), file.get("content"));
        }
        node.shell("cp /etc/practice/trust/ca.crt /etc/farrier/registry-ca.crt");
        for (int run = 0; run < 2; run++) {
            node.run("sh", "/run/farrier-install").succeeded();
            node.run("docker", "rmi", REGISTRY + "/practice/app:1");
            node.run("docker", "pull", REGISTRY + "/practice/app:1").succeeded();
        }
        assertThat(node.run("farrier", "wait", "--ready", "--timeout", "60s")
                        .succeeded()
                        .out())
                .contains("This node is ready");
    }

    private static String artefactsWithToken() {
        return node.run(
                        "python3",
                        "-c",
                        FIND_TOKEN,
                        token,
                        "/var/lib/cloud",
                        "/run/cloud-init",
                        "/var/log",
                        "/etc",
                        "/var/lib/farrier",
                        "/run/farrier",
                        "/var/tmp",
                        "/tmp",
                        "/run/log")
                .succeeded()
                .out();
    }

    private static JsonNode api(String path) {
        try {
            return collector.api(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String connected() {
        try {
            JsonNode seen = collector.api("/api/nodes/node");
            return seen.path("connected").asText();
        } catch (IOException notYet) {
            return notYet.toString();
        }
    }

    private static void shell(String script) throws IOException {
        Process process = new ProcessBuilder("sh", "-euc", script)
                .redirectErrorStream(true)
                .start();
        String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.onExit().join().exitValue()).as(words).isZero();
    }
}
