package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What farrier did it takes back to the byte, and what is not its own it leaves, on a node an operator has furnished. */
final class RestoreIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String LIVE = "{{.LiveRestoreEnabled}} {{.Debug}} {{.Labels}} {{json .RegistryConfig}}";

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("restore")
            .daemonJson(resource("karbon-daemon.json"))
            .seeded(PAUSE);

    private Map<String, String> etcDocker;
    private String live;

    @BeforeEach
    void furnish() throws IOException {
        write(
                "certs.d/" + node.registry() + "/ca.crt",
                Files.readString(Path.of("src/test/resources/io/farrier/pki/ca.crt")),
                "rw-r-----");
        write("certs.d/other.example/ca.crt", "# nothing yet\n", "rw-r--r--");
        etcDocker = etcDocker();
        live = live();
    }

    @Test
    void restoreGivesBackEveryByteAndEveryLiveSettingAndTheAgentThenOnlyWatches() throws IOException {
        node.configure(keeping(trusted() + insecure()));
        node.farrier("apply").succeeded();
        assertThat(node.docker("pull", image()).succeeded().out()).contains("Downloaded newer image");
        assertThat(live()).contains(node.plainRegistry()).isNotEqualTo(live);

        node.farrier("restore").succeeded();

        assertThat(etcDocker()).isEqualTo(etcDocker);
        assertThat(live()).isEqualTo(live);
        assertThat(node.docker("pull", image()).exited(1).err()).contains("unknown authority");

        try (RunningFarrier agent = node.startFarrier("agent")) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(node.farrier("status", "-o", "json")
                                    .exited(3)
                                    .out())
                            .contains("\"change.withheld\"", "was given back by 'farrier restore'"));
            assertThat(etcDocker()).isEqualTo(etcDocker);

            node.farrier("apply").succeeded();
            node.docker("pull", image()).succeeded();
            assertThat(agent.isAlive()).isTrue();
        }
    }

    @Test
    void aRegistryThatLeavesTheConfigurationTakesAwayWhatFarrierMadeForItAndNothingElse() throws IOException {
        node.configure(keeping(insecure()));
        node.farrier("apply").succeeded();
        Map<String, String> withoutTheTrusted = etcDocker();
        String liveWithoutIt = live();
        node.configure(keeping(trusted() + insecure() + authenticated()));
        node.farrier("apply").succeeded();
        assertThat(etcDocker().keySet())
                .contains("certs.d/" + node.registry() + "/farrier.crt", "certs.d/" + node.authRegistry() + "/ca.crt");

        node.configure(keeping(insecure()));
        node.farrier("apply", "--allow-removal").succeeded();

        assertThat(etcDocker()).isEqualTo(withoutTheTrusted);
        assertThat(live()).isEqualTo(liveWithoutIt).contains("a.b.c.d:5000", node.plainRegistry());
    }

    private static String keeping(String registries) {
        return """
                mode: keep
                intervals: {reconcile: 1s, health: 1s}
                docker: {daemon_json: {live-restore: true, debug: true}}
                registries:
                """ + registries;
    }

    private String trusted() {
        return "  - {host: \"" + node.registry() + "\", ca: certs/registry-ca.crt}\n";
    }

    private String authenticated() {
        return "  - {host: \"" + node.authRegistry() + "\", ca: certs/registry-ca.crt}\n";
    }

    private String insecure() {
        return "  - {host: \"" + node.plainRegistry() + "\", insecure: true}\n";
    }

    private String image() {
        return node.registry() + "/" + PAUSE;
    }

    private String live() {
        return node.docker("info", "-f", LIVE).succeeded().out();
    }

    private void write(String name, String text, String mode) throws IOException {
        Path file = node.file("/etc/docker").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    /** Every name below /etc/docker with mode, owner and bytes. */
    private Map<String, String> etcDocker() throws IOException {
        Path folder = node.file("/etc/docker");
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.forEach(path -> all.put(folder.relativize(path).toString(), described(path)));
        }
        return all;
    }

    private static String described(Path path) {
        try {
            String attributes = new TreeMap<>(
                            Files.readAttributes(path, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS))
                    .toString();
            return Files.isRegularFile(path)
                    ? attributes + " " + new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1)
                    : attributes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = RestoreIT.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
