package io.farrier.rig;

import static io.farrier.testing.SystemdNode.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.testing.SystemdNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The package's life on one machine with systemd, from its installation to its purge; each step stands on the one before.
 * Run by {@code packaging/bench.sh systemd}, which builds the two packages.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SystemdNodeCampaign {
    private static final Duration SOON = Duration.ofMinutes(1);

    private static SystemdNode node;
    private static String etcDockerBefore;
    private static String appBefore;

    @BeforeAll
    static void boot() throws IOException {
        node = SystemdNode.up("campaign");
        node.copy(SystemdNode.deb("farrier.deb"), "/var/tmp/farrier.deb");
        node.copy(SystemdNode.deb("farrier.deb.next"), "/var/tmp/next.deb");
        etcDockerBefore = etcDocker();
        node.shell("docker run -d --network none --name app --restart always practice/local:1"
                + " sh -c 'trap \"exit 0\" TERM; while true; do echo a line of the app; sleep 1; done'");
    }

    @AfterAll
    static void end() throws IOException {
        if (node != null) {
            node.close();
        }
    }

    @Test
    @Order(1)
    void anInstalledAgentIsReadyAndObserves() {
        node.run("dpkg", "-i", "/var/tmp/farrier.deb").succeeded();

        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(node.property("farrier", "StatusText")).startsWith("mode observe; ");
        assertThat(node.property("farrier-collector", "UnitFileState")).isEqualTo("disabled");
        assertThat(node.property("farrier-collector", "ActiveState")).isEqualTo("inactive");
        assertThat(etcDocker()).isEqualTo(etcDockerBefore);
        assertThat(pull().out()).contains("certificate signed by unknown authority");
    }

    @Test
    @Order(1)
    void theManPageAndTheCompletionKnowEveryVerb() {
        String help = node.run("farrier", "--help").succeeded().out();
        List<String> verbs = help.substring(help.indexOf("Commands:"))
                .lines()
                .filter(line -> line.matches("  [a-z]+ .*"))
                .map(line -> line.strip().split(" ")[0])
                .toList();
        assertThat(verbs).contains("wait", "resume", "plan");
        assertThat(node.shell("zcat /usr/share/man/man8/farrier.8.gz")).contains(verbs);
        assertThat(node.run(
                                "bash",
                                "-ec",
                                ". /usr/share/bash-completion/completions/farrier; complete -p farrier;"
                                        // It may only be called while a person's shell completes.
                                        + " compopt() { :; }; COMP_WORDS=(farrier ''); COMP_CWORD=1; _complete_farrier; echo \"${COMPREPLY[@]}\"")
                        .succeeded()
                        .out())
                .contains(verbs);
    }

    @Test
    @Order(2)
    void observingPlansAndChangesNothing() {
        node.shell("cp /etc/practice/trust/ca.crt /etc/farrier/certs/registry-ca.crt");
        configure("observe", "");
        node.run("systemctl", "reload", "farrier").succeeded();

        awaitStatus("mode observe; docker 20\\.10\\.24\\+dfsg1; [1-9] finding.*");
        assertThat(node.run("farrier", "plan").exited(2).out()).contains(REGISTRY);
        assertThat(etcDocker()).isEqualTo(etcDockerBefore);
    }

    @Test
    @Order(3)
    void keepTrustsTheRegistryAndReloadsDockerFromInsideTheSandbox() {
        appBefore = app();
        configure("keep", "docker: {daemon_json: {live-restore: true}}\n");
        node.run("farrier", "apply").succeeded();

        assertThat(pull().succeeded().out()).contains("practice/app:1");
        assertThat(node.shell("docker info --format '{{.LiveRestoreEnabled}}'")).isEqualTo("true");
        assertThat(node.shell("cat /etc/docker/daemon.json")).contains("\"iptables\": false,   \"ip6tables\": false,");
        assertThat(app()).as("no container was stopped").isEqualTo(appBefore);
    }

    @Test
    @Order(4)
    void aReloadWithABrokenConfigurationFailsAndTheLastGoodOneStays() {
        node.shell("echo 'registriez: []' >/etc/farrier/farrier.d/broken.yaml");
        assertThat(node.run("systemctl", "reload", "farrier").exit()).isNotZero();
        assertThat(node.shell("journalctl -u farrier -n 20 --no-pager")).contains("Did you mean 'registries'?");
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        pull().succeeded();

        node.shell("rm /etc/farrier/farrier.d/broken.yaml");
        node.run("systemctl", "reload", "farrier").succeeded();
    }

    @Test
    @Order(5)
    void nativeCodeComesFromRootsOwnFoldersAndNoOptionOfOthersIsTaken() {
        assertThat(executables())
                .isNotEmpty()
                .allMatch(file -> file.startsWith("/usr/"), "mapped executable from /usr only");
        assertThat(node.run("env", "JAVA_TOOL_OPTIONS=-javaagent:/tmp/evil.jar", "farrier", "version")
                        .succeeded()
                        .out())
                .doesNotContain("JAVA_TOOL_OPTIONS");
        assertThat(node.shell("findmnt -no OPTIONS /tmp; findmnt -no OPTIONS /run; findmnt -no OPTIONS /home"))
                .satisfies(mounts -> assertThat(mounts.lines()).hasSize(3).allMatch(line -> line.contains("noexec")));
    }

    @Test
    @Order(6)
    void theSandboxIsAsTightAsDocumentedAndLetsLogFilesBeHeldByLinks() {
        assertThat(exposure("farrier.service")).isLessThanOrEqualTo(2.4);
        assertThat(exposure("farrier-collector.service")).isLessThanOrEqualTo(1.9);

        node.shell("systemctl enable --now farrier-collector");
        String pin = node.shell("journalctl -u farrier-collector -o cat --no-pager"
                + " | sed -n 's/.*agents trust.*sha256 \\([0-9a-f]*\\)$/\\1/p'");
        node.shell("install -m 600 /var/lib/farrier-collector/agent.token /etc/farrier/secrets/token");
        configure("keep", """
                docker: {daemon_json: {live-restore: true}}
                logs: {include: ["app", "lines"]}
                collector: {url: "wss://localhost:8470/feed", sha256: %s, token_file: secrets/token}
                """.formatted(pin));
        node.run("systemctl", "restart", "farrier").succeeded();

        node.await(
                "the number of held logs",
                SOON,
                "true",
                () -> node.run("sh", "-c", "test -n \"$(ls /var/lib/docker/farrier-held 2>/dev/null)\" && echo true")
                        .out()
                        .strip());
        node.await("the connection", SOON, "true", () -> status(".collector.connected"));
        assertThat(status(".logs.held_by_descriptor_only")).isEqualTo("0");
    }

    @Test
    @Order(7)
    void theLinesOfAContainerThatIsGoneArriveAlthoughTheAgentWasKilledBeforeTheAck() throws IOException {
        assertThat(node.shell("for disk in /var /var/log /var/lib/docker; do findmnt -no TARGET $disk; done")
                        .lines())
                .hasSize(3);
        RemovedContainer.arrivesWhole(
                node,
                () -> node.shell("systemctl kill --signal=KILL farrier-collector; systemctl stop farrier-collector"),
                () -> node.shell("systemctl start farrier-collector"),
                () -> api(RemovedContainer.LINES));
    }

    /** Docker says why a pull failed: as many lines as wanted, of the unit itself, in systemd's own journal. */
    @Test
    @Order(7)
    void whatDockersUnitSaysInTheJournalArrivesOnceThoughTheAgentIsKilledMeanwhile() {
        node.shell("for i in $(seq 60); do docker pull 127.0.0.1:1/nothing:$i || true; done");
        node.shell("systemctl kill --kill-who=main --signal=KILL farrier");
        node.shell("for i in $(seq 60); do docker pull 127.0.0.1:1/nothing:$i || true; done");
        node.await("the agent", SOON, "active", () -> node.property("farrier", "ActiveState"));
        String said = node.shell("journalctl --unit docker.service --output cat --no-pager");
        assertThat(said.lines()).hasSizeGreaterThan(120);

        node.await(
                "the lines of docker.service",
                SOON,
                said.strip(),
                () -> StreamSupport.stream(
                                api("/api/logs?container=docker.service&limit=5000")
                                        .path("lines")
                                        .spliterator(),
                                false)
                        .map(line -> line.path("text").asText())
                        .collect(Collectors.joining("\n")));
        assertThat(node.shell("farrier logs --would-ship")).containsPattern("docker.service +yes");
    }

    @Test
    @Order(8)
    void everyVerbRunsWhereVarIsNoexecAsWell() {
        node.shell("mount -o remount,bind,noexec /var; systemctl restart farrier");
        try {
            assertThat(node.shell("findmnt -no OPTIONS /var")).contains("noexec");
            node.await("the agent", SOON, "active", () -> node.property("farrier", "ActiveState"));
            node.shell("for verb in $(farrier --help | sed -n '/^Commands:/,/^$/s/^  \\([a-z]\\+\\) .*/\\1/p'); do"
                    + " test $verb = help || farrier $verb --help >/dev/null; done");
            node.run("farrier", "plan").succeeded();
            node.run("farrier", "doctor");
            node.run("farrier", "certs", "ca", "--dir", "/var/tmp/pki").succeeded();
            assertThat(node.run("farrier", "wait", "--ready", "--timeout", "60s")
                            .succeeded()
                            .out())
                    .contains("This node is ready");
            assertThat(executables()).allMatch(file -> file.startsWith("/usr/"));
        } finally {
            node.shell("mount -o remount,bind,exec /var");
        }
    }

    @Test
    @Order(9)
    void nobodyAttachesToTheAgent() {
        int agent = agent();
        // What jcmd does: a file beside the process, a signal; then the JVM would open a socket in its /tmp.
        node.shell("touch /proc/" + agent + "/root/tmp/.attach_pid" + agent + " /proc/" + agent + "/cwd/.attach_pid"
                + agent + " 2>/dev/null || true; kill -QUIT " + agent);
        node.await(
                "the thread dump in the journal",
                SOON,
                "true",
                () -> Boolean.toString(
                        node.run("sh", "-c", "journalctl -u farrier -o cat --no-pager | grep -q 'Full thread dump'")
                                        .exit()
                                == 0));
        assertThat(node.shell("ls -a /proc/" + agent + "/root/tmp")).doesNotContain(".java_pid");
        assertThat(node.shell("ls /tmp/hsperfdata_root 2>/dev/null || true")).isEmpty();
        assertThat(agent()).isEqualTo(agent);
    }

    @Test
    @Order(11)
    void afterThreeKillsInTenMinutesItOnlyWatchesUntilResumed() {
        String kept = etcDocker();
        // Ends that nobody ordered before this step count as well.
        for (int kills = 0; kills < 3 && !isInSafeMode(); kills++) {
            comesBackAfterKillNine();
        }
        awaitStatus("safe mode; .*");
        assertThat(status(".mode")).isEqualTo("\"observe\"");
        node.shell("rm -r /etc/docker/certs.d");
        assertThat(node.run("farrier", "plan").exited(2).out()).contains(REGISTRY);
        assertThat(node.shell("farrier resume")).contains("the agent was in safe mode");
        node.await("what it held back", SOON, kept, SystemdNodeCampaign::etcDocker);
    }

    @Test
    @Order(10)
    void comesBackAfterKillNine() {
        int restarts = restarts();
        int killed = agent();
        node.shell("systemctl kill --kill-who=main --signal=KILL farrier");

        node.await("NRestarts", SOON, Integer.toString(restarts + 1), () -> Integer.toString(restarts()));
        node.await("the agent", SOON, "active", () -> node.property("farrier", "ActiveState"));
        assertThat(agent()).isNotEqualTo(killed);
    }

    @Test
    @Order(12)
    void stopsAtOnceWhenToldTo() {
        long begun = System.nanoTime();
        node.run("systemctl", "stop", "farrier").succeeded();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
        assertThat(node.property("farrier", "Result")).isEqualTo("success");
        node.run("systemctl", "start", "farrier").succeeded();
    }

    @Test
    @Order(13)
    void theWatchdogEndsAnAgentThatHangs() {
        node.shell("mkdir -p /run/systemd/system/farrier.service.d");
        node.write(
                "/run/systemd/system/farrier.service.d/impatient.conf",
                "[Service]\nWatchdogSec=3\nTimeoutAbortSec=1\n");
        node.shell("systemctl daemon-reload; systemctl restart farrier");
        int restarts = restarts();
        node.shell("systemctl kill --kill-who=main --signal=STOP farrier");

        node.await("NRestarts", SOON, Integer.toString(restarts + 1), () -> Integer.toString(restarts()));
        assertThat(node.shell("journalctl -u farrier --no-pager | grep -c 'Watchdog timeout'"))
                .isEqualTo("1");
        node.shell("rm -r /run/systemd/system/farrier.service.d; systemctl daemon-reload");
        node.await("the agent", SOON, "active", () -> node.property("farrier", "ActiveState"));
    }

    /** SAFETY 12: with the drop-in in Docker's own unit, whatever happened to what it calls. */
    @Test
    @Order(14)
    void dockerStartsWhateverBecameOfItsRecovery() {
        String undo = "/var/lib/farrier/ledger/undo";
        String app = app();
        node.shell("install -D -m 0644 -t /run/systemd/system/docker.service.d /usr/share/farrier/farrier-recover.conf;"
                + " systemctl daemon-reload; systemctl stop farrier; mkdir -p " + undo);
        for (String sabotage : List.of(
                "true",
                "echo 'sleep 1000' >" + undo + "/RESTORE.sh",
                "echo 'trap \"\" TERM; while true; do sleep 1; done' >" + undo + "/RESTORE.sh",
                "echo 'exit 3' >" + undo + "/RESTORE.sh",
                "head -c 100000 /dev/urandom >" + undo + "/RESTORE.sh",
                "rm -r " + undo + "; mv /usr/lib/farrier /usr/lib/farrier.gone")) {
            node.shell(sabotage + "; systemctl reset-failed docker; systemctl restart docker");

            assertThat(node.property("docker", "ActiveState")).as(sabotage).isEqualTo("active");
            assertThat(node.shell("systemd-cgls --no-pager -u docker.service | grep -c RESTORE || true"))
                    .as("what is left of %s", sabotage)
                    .isEqualTo("0");
        }
        assertThat(app()).as("live-restore").isEqualTo(app);
        node.shell("mv /usr/lib/farrier.gone /usr/lib/farrier; rm -r /run/systemd/system/docker.service.d;"
                + " systemctl daemon-reload; systemctl start farrier");
        node.await("the agent", SOON, "active", () -> node.property("farrier", "ActiveState"));
    }

    @Test
    @Order(15)
    void aRebootChangesNothing() {
        String kept = etcDocker();
        node.run("systemctl", "reboot");

        // Docker's containers outlive it, with live-restore; systemd gives them their time to end.
        node.await("the boots", Duration.ofMinutes(3), "2", () -> Integer.toString(node.boots()));
        node.await(
                "the agent",
                SOON,
                "active",
                () -> node.run("systemctl", "is-active", "farrier").out().strip());
        node.await(
                "Docker",
                SOON,
                "0",
                () -> Integer.toString(node.run("docker", "info").exit()));
        pull().succeeded();
        assertThat(etcDocker()).isEqualTo(kept);
    }

    @Test
    @Order(16)
    void anUpgradeStopsNoContainerAndKeepsStateAndFiles() {
        String app = app();
        String kept = etcDocker();
        String history = node.shell("farrier history -o json");
        node.run("dpkg", "-i", "/var/tmp/next.deb").succeeded();

        assertThat(node.shell("dpkg-query -W -f '${Version}' farrier")).isEqualTo("0.1.1");
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(node.property("farrier-collector", "ActiveState")).isEqualTo("active");
        assertThat(app()).isEqualTo(app);
        assertThat(etcDocker()).isEqualTo(kept);
        assertThat(node.shell("farrier history -o json")).isEqualTo(history);
        assertThat(node.shell("grep -c '^mode: keep' /etc/farrier/farrier.yaml"))
                .isEqualTo("1");
    }

    @Test
    @Order(17)
    void anAgentThatItsOwnerSwitchedOffStaysOffOverAnUpgrade() {
        node.shell("systemctl disable --now farrier; dpkg -i /var/tmp/next.deb");
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("inactive");
        node.shell("systemctl enable --now farrier");
    }

    @Test
    @Order(18)
    void aRescueShellRestoresWithoutJavaOnAFullDiskFromAReadOnlyCopyOfTheState() {
        node.shell("""
                cp -a /var/lib/farrier/originals /var/tmp/originals
                mount --bind /var/tmp/originals /mnt
                mount -o remount,bind,ro /mnt
                mkdir -p /var/tmp/rescue
                mount -t tmpfs -o size=256k tmpfs /var/tmp/rescue
                mkdir /var/tmp/rescue/etc
                cp -a /etc/docker /var/tmp/rescue/etc/
                rm -r /var/tmp/rescue/etc/docker/certs.d
                mv /usr/lib/farrier/runtime /usr/lib/farrier/runtime.away
                ! dd if=/dev/zero of=/var/tmp/rescue/full bs=4k 2>/dev/null
                """);
        try {
            assertThat(node.run("sh", "/mnt/RESTORE.sh", "/var/tmp/rescue")
                            .succeeded()
                            .out())
                    .contains("put back /var/tmp/rescue/etc/docker/daemon.json");
            assertThat(docker("/var/tmp/rescue/etc/docker")).isEqualTo(etcDockerBefore);
        } finally {
            node.shell("mv /usr/lib/farrier/runtime.away /usr/lib/farrier/runtime; umount /var/tmp/rescue /mnt;"
                    + " rm -r /var/tmp/originals /var/tmp/rescue");
        }
    }

    @Test
    @Order(19)
    void removingStopsItAndLeavesTheNode() {
        String kept = etcDocker();
        configure(
                "keep",
                "docker: {daemon_json: {live-restore: true}}\nchanges: {restore_on_purge: true, spread: none}\n");
        node.run("dpkg", "-r", "farrier").succeeded();

        assertThat(node.shell("pgrep -c -x java || true")).isEqualTo("0");
        assertThat(node.shell("test ! -e /usr/lib/farrier && test -d /var/lib/farrier && echo so"))
                .isEqualTo("so");
        assertThat(etcDocker()).isEqualTo(kept);
        pull().succeeded();
    }

    @Test
    @Order(20)
    void purgingGivesTheNodeBackAsItWas() {
        String app = app();
        node.run("dpkg", "-P", "farrier").succeeded();

        assertThat(etcDocker()).isEqualTo(etcDockerBefore);
        assertThat(app()).isEqualTo(app);
        assertThat(
                        node.shell(
                                "find / -xdev -path /proc -prune -o -path /var/log -prune -o -path /var/lib/dpkg -prune -o"
                                        + " -name '*farrier*' -print | grep -v /var/tmp/ || true; ls -d /var/lib/docker/farrier-held 2>/dev/null || true"))
                .isEmpty();
        assertThat(Stream.of("farrier", "farrier-collector").map(unit -> node.property(unit, "LoadState")))
                .isEqualTo(List.of("not-found", "not-found").stream().toList());
    }

    // ---- how

    /** The collector's answer, asked on the node. */
    private static JsonNode api(String path) {
        try {
            return new ObjectMapper()
                    .readTree(node.shell("python3 -c 'import ssl, sys, urllib.request as u;"
                            + " print(u.urlopen(u.Request(\"https://localhost:8470" + path
                            + "\", headers={\"Authorization\": \"Bearer \" +"
                            + " open(\"/var/lib/farrier-collector/viewer.token\").read().strip()}),"
                            + " context=ssl._create_unverified_context()).read().decode())'"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void configure(String mode, String more) {
        node.write("/etc/farrier/farrier.yaml", """
                mode: %s
                registries:
                  - host: %s
                    ca: certs/registry-ca.crt
                    proof: %s/practice/app:1
                %s%s""".formatted(
                        mode, REGISTRY, REGISTRY, more, more.contains("changes:") ? "" : "changes: {spread: none}\n"));
    }

    private static SystemdNode.Run pull() {
        node.run("docker", "rmi", REGISTRY + "/practice/app:1");
        return node.run("docker", "pull", REGISTRY + "/practice/app:1");
    }

    /** Names, modes, owners and contents. */
    private static String etcDocker() {
        return docker("/etc/docker");
    }

    private static String docker(String folder) {
        return node.shell("cd " + folder
                + "; find . -printf '%p %m %u:%g\\n' | sort; find . -type f | sort | xargs -r sha256sum");
    }

    private static String app() {
        return node.shell("docker inspect --format '{{.State.Pid}} {{.State.StartedAt}} {{.RestartCount}}' app");
    }

    /** What the agent has mapped executable. */
    private static List<String> executables() {
        return node.shell("awk '$2 ~ /x/ && $6 ~ /^\\// { print $6 }' /proc/" + agent() + "/maps | sort -u")
                .lines()
                .toList();
    }

    private static int agent() {
        return Integer.parseInt(node.property("farrier", "MainPID"));
    }

    private static int restarts() {
        return Integer.parseInt(node.property("farrier", "NRestarts"));
    }

    private static void awaitStatus(String pattern) {
        node.await(
                "the status line",
                SOON,
                "true",
                () -> Boolean.toString(node.property("farrier", "StatusText").matches(pattern)));
    }

    private static boolean isInSafeMode() {
        return node.run("farrier", "status", "-o", "json").out().contains("\"safe_mode\"");
    }

    private static double exposure(String unit) {
        String words = node.shell("systemd-analyze security --no-pager " + unit + " | tail -n 2");
        return Double.parseDouble(words.replaceAll("(?s).*: ([0-9.]+) .*", "$1"));
    }

    /** @param path such as {@code .collector.connected} */
    private static String status(String path) {
        String keys = String.join(
                "",
                Stream.of(path.substring(1).split("\\."))
                        .map(key -> "['" + key + "']")
                        .toList());
        return node.run(
                        "sh",
                        "-c",
                        "farrier status -o json | python3 -c \"import json, sys; print(json.dumps(json.load(sys.stdin)"
                                + keys + "))\"")
                .out()
                .strip();
    }
}
