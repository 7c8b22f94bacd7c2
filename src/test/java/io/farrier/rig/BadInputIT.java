package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is wrong around farrier is named in one line, and stops nothing that is not wrong itself. */
final class BadInputIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern NUMBER = Pattern.compile("line (\\d+) of etcd");

    /** As Debian and Docker themselves ship it: containerd is a service of its own, and stays when dockerd goes. */
    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("bad-input").runtime("docker+containerd").seeded(PAUSE);

    private static final String LOGS = "/api/logs?node=bad-input&container=etcd&limit=1000";

    private static TestCollector collector;

    @BeforeAll
    static void collect() {
        collector = TestCollector.beside(NODE);
    }

    @AfterAll
    static void stopCollecting() {
        collector.close();
    }

    @AfterEach
    void giveBack() throws IOException {
        if (!collector.farrier().isAlive()) {
            collector.restart();
        }
        NODE.start("dockerd");
        NODE.docker("rm", "-f", "etcd");
        NODE.docker("rmi", image());
        Files.deleteIfExists(daemonJson());
        NODE.configure(keeping());
        NODE.farrier("restore").succeeded();
        // The rig ends its agents by kill -9; four of them in a row would be a reason for safe mode.
        Files.deleteIfExists(NODE.file("/var/lib/farrier/starts"));
    }

    /** SAFETY 5: a reload for farrier's key would bring somebody else's staged ones into effect. */
    @Test
    void whatSomebodyStagedIsListedAndNotBroughtIntoEffect() throws IOException {
        String live =
                NODE.docker("info", "-f", "{{.LiveRestoreEnabled}} {{.Debug}}").out();
        String staged = "{\n  \"live-restore\": true,\n  \"debug\": true\n}\n";
        Files.writeString(daemonJson(), staged);
        NODE.configure(keeping() + "mirrors: {docker.io: {endpoints: ['https://" + NODE.registry() + "']}}\n");

        assertThat(NODE.farrier("apply").exited(4).out())
                .contains("applied  docker/certs.d")
                .contains("refused  docker/daemon.json")
                .contains("it would also bring into effect what is in /etc/docker/daemon.json and is not farrier's")
                .contains("live-restore: false -> true", "debug: false -> true");

        assertThat(daemonJson()).hasContent(staged);
        assertThat(NODE.docker("info", "-f", "{{.LiveRestoreEnabled}} {{.Debug}}")
                        .out())
                .isEqualTo(live);
        NODE.exec("sh", "-c", "kill -HUP $(cat /run/practice/dockerd.pid)").succeeded();
        await().atMost(PATIENCE)
                .until(() -> NODE.docker("info", "-f", "{{.LiveRestoreEnabled}} {{.Debug}}")
                        .out()
                        .contains("true true"));
        assertThat(NODE.farrier("apply").exited(0).out()).contains("applied  docker/daemon.json");

        Files.writeString(daemonJson(), "{\n  \"live-restore\": false,\n  \"debug\": false\n}\n");
        NODE.exec("sh", "-c", "kill -HUP $(cat /run/practice/dockerd.pid)").succeeded();
    }

    @Test
    void aDaemonJsonThatIsNotJsonIsRefusedByLineAndColumnAndTheRegistryIsTrustedAllTheSame() throws IOException {
        String broken = "{\n  \"debug\": true,\n  live-restore: true\n}\n";
        Files.writeString(daemonJson(), broken);
        NODE.configure(keeping() + "docker: {daemon_json: {live-restore: true}}\n");

        assertThat(NODE.farrier("plan").exited(4).out())
                .contains("+ " + NODE.registry() + "/ca.crt")
                .contains("! refused: Tried to read /etc/docker/daemon.json: line 3, column 3");
        assertThat(NODE.farrier("apply").exited(4).out())
                .contains("applied  docker/certs.d")
                .contains("refused  docker/daemon.json")
                .contains("Tried to read /etc/docker/daemon.json: line 3, column 3")
                .contains("farrier changed nothing");

        assertThat(daemonJson()).hasContent(broken);
        NODE.docker("pull", image()).succeeded();
    }

    /** SAFETY 14: a farrier that was put back to an older version. */
    @Test
    void aStateThatAYoungerFarrierWroteInAWayOfItsOwnIsRefusedBeforeAnythingIsTouched() throws IOException {
        Path format = NODE.file("/var/lib/farrier/format");
        String ours = Files.exists(format) ? Files.readString(format) : "1 0.1.0\n";
        NODE.configure(keeping() + "docker: {daemon_json: {live-restore: true}}\n");
        Files.createDirectories(format.getParent());
        Files.writeString(format, "2 9.9.9\n");
        String before = everyFile();
        try {
            assertThat(NODE.farrier("apply").exited(1).err()).satisfies(BadInputIT::saysWhoWroteIt);
            try (RunningFarrier agent = NODE.startFarrier("agent")) {
                agent.says("this version knows 1");
                assertThat(agent.output()).satisfies(BadInputIT::saysWhoWroteIt);
            }
            assertThat(everyFile()).isEqualTo(before);
        } finally {
            Files.writeString(format, ours);
        }
    }

    private static void saysWhoWroteIt(String words) {
        assertThat(words)
                .hasLineCount(1)
                .contains(
                        "Tried to use /var/lib/farrier, but farrier 9.9.9 wrote it in format 2 and this version knows 1")
                .contains("Nothing was touched. Install that version again");
    }

    /** Place, mode, times and content of all that farrier could have touched. */
    private static String everyFile() {
        return NODE.exec("sh", "-c", """
                find /etc /var/lib/farrier -xdev -printf '%p %M %i %T@ %C@\\n' | sort
                find /etc/docker /etc/farrier /var/lib/farrier -type f -exec sha256sum {} + | sort
                """).succeeded().out();
    }

    @Test
    void everyMistakeOfAConfigurationIsALineAndNothingIsWritten() throws IOException {
        Files.writeString(NODE.file("/etc/farrier/certs/no.crt"), "hello\n");
        NODE.configure("""
                mode: keep
                registries:
                  - host: registry.practice:70000
                    ca: certs/no.crt
                  - host: plain.practice:5001
                    insecur: true
                images:
                  keep: []
                """);

        assertThat(NODE.farrier("apply").exited(1).err()).isEqualTo("""
                /etc/farrier/farrier.yaml:3: Configuration property 'registries[0].host' is wrong: port 70000 of \
                'registry.practice:70000' is out of range (1 to 65535)
                /etc/farrier/farrier.yaml:4: Configuration property 'registries[0].ca' is wrong: certs/no.crt holds no \
                certificate: line 1 is not '-----BEGIN ...-----'
                /etc/farrier/farrier.yaml:6: Configuration property 'registries[1].insecur' is not known. Did you mean \
                'insecure'?
                /etc/farrier/farrier.yaml:8: Configuration property 'images.keep' is an empty list; name at least one, \
                or remove the line
                """);
        assertThat(NODE.file("/etc/docker/certs.d")).doesNotExist();
    }

    @Test
    void aConfigurationThatOthersCanWriteRulesNothing() throws IOException {
        NODE.configure(keeping());

        assertThat(refusalWith("/etc/farrier/farrier.yaml", "rw-rw-rw-"))
                .isEqualTo("/etc/farrier/farrier.yaml: cannot be read: /etc/farrier/farrier.yaml is writable by others"
                        + " than its owner (mode 666), who could change this node through it."
                        + " Run 'chmod go-w /etc/farrier/farrier.yaml'.\n");
        assertThat(refusalWith("/etc/farrier", "rwxrwxr-x"))
                .isEqualTo("/etc/farrier/farrier.yaml: cannot be read: /etc/farrier is writable by others than its"
                        + " owner (mode 775), who could change this node through it. Run 'chmod go-w /etc/farrier'.\n");
        assertThat(NODE.file("/etc/docker/certs.d")).doesNotExist();
    }

    @Test
    void withoutDockerTheAgentRunsSaysSoAndPicksItUpWhenItAppears() {
        NODE.stop("dockerd");
        NODE.configure(keeping() + "images: {keep: [\"" + image() + "\"]}\n" + collector.section());

        try (RunningFarrier agent = NODE.startFarrier("agent")) {
            awaitFinding("runtime.unreachable", true);
            NODE.start("dockerd");

            awaitFinding("runtime.unreachable", false);
            await().atMost(PATIENCE)
                    .until(() -> NODE.docker("image", "inspect", image()).exit() == 0);
            assertThat(agent.isAlive()).isTrue();
        }
    }

    @Test
    void withoutACollectorTheAgentWorksKeepsItsCursorAndDeliversEachLineOnce() throws IOException {
        NODE.runScript("etcd", "for i in $(seq 1 400); do echo \"line $i of etcd\"; usleep 10000; done; sleep 600");
        NODE.configure(keeping() + collector.section());
        try (RunningFarrier agent = NODE.startFarrier("agent")) {
            agent.says("docker/certs.d: applied");
            collector.awaitApi(LOGS, seen -> numbers(seen).size() >= 20);
            collector.kill();

            Files.delete(caOfDocker());
            await().atMost(PATIENCE).until(() -> NODE.docker("pull", image()).exit() == 0);
            await().atMost(PATIENCE)
                    .until(() ->
                            NODE.docker("logs", "--tail", "1", "etcd").out().contains("line 400"));
            agent.kill();
        }
        try (RunningFarrier again = NODE.startFarrier("agent")) {
            again.says("could not connect");
            collector.restart();

            collector.awaitApi(LOGS, seen -> numbers(seen).contains(400));
            assertThat(numbers(collector.api(LOGS)))
                    .isEqualTo(IntStream.rangeClosed(1, 400).boxed().toList());
        }
    }

    @Test
    void aConfigurationThatBreaksUnderTheAgentTakesNothingAway() {
        NODE.configure(keeping() + collector.section());
        try (RunningFarrier agent = NODE.startFarrier("agent")) {
            agent.says("docker/certs.d: applied");

            NODE.configure("mode: keep\nregistries:\n  - hots: " + NODE.registry() + "\n" + collector.section());

            JsonNode findings = awaitFinding("config.rejected", true);
            assertThat(findings.toString()).contains("/etc/farrier/farrier.yaml:3", "Did you mean 'host'?");
            agent.says("is not valid");
            NODE.docker("pull", image()).succeeded();
            assertThat(caOfDocker()).exists();

            NODE.configure(keeping() + collector.section());
            awaitFinding("config.rejected", false);
        }
    }

    private static String keeping() {
        return """
                mode: keep
                intervals: {reconcile: 2s, health: 1s, images: 1s}
                registries:
                  - host: %s
                    ca: certs/registry-ca.crt
                """.formatted(NODE.registry());
    }

    private static JsonNode awaitFinding(String code, boolean isThere) {
        return collector.awaitApi(
                "/api/findings?node=bad-input",
                seen -> seen.has("findings") && seen.findValuesAsText("code").contains(code) == isThere);
    }

    private static List<Integer> numbers(JsonNode logs) {
        Matcher number = NUMBER.matcher(logs.toString());
        return number.results()
                .map(found -> Integer.valueOf(found.group(1)))
                .sorted()
                .toList();
    }

    private static String refusalWith(String path, String permissions) throws IOException {
        Path file = NODE.file(path);
        var before = Files.getPosixFilePermissions(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        try {
            return NODE.farrier("apply").exited(1).err();
        } finally {
            Files.setPosixFilePermissions(file, before);
        }
    }

    private static String image() {
        return NODE.registry() + "/" + PAUSE;
    }

    private static Path caOfDocker() {
        return NODE.file("/etc/docker/certs.d").resolve(NODE.registry()).resolve("ca.crt");
    }

    private static Path daemonJson() {
        return NODE.file("/etc/docker/daemon.json");
    }
}
