package io.farrier.rig;

import static io.farrier.rig.InstalledFarrier.SOON;
import static io.farrier.testing.SystemdNode.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.SystemdNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The package's life on one machine with systemd, from its installation to its purge; each step stands on the one before.
 * Run by {@code packaging/bench.sh systemd}, which builds the two packages.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SystemdNodeCampaign {
    private static final String LIVE_RESTORE = "docker: {daemon_json: {live-restore: true}}\n";
    private static final String REGISTRIES_YAML =
            "# ours\nmirrors:\n   docker.io: {endpoint: [\"https://mirror.example\"]}   # slow\n";
    private static final String IMAGES = "images: {keep: [" + REGISTRY + "/practice/app:1]}\n";

    private static SystemdNode node;
    private static InstalledFarrier farrier;
    private static String etcDockerBefore;
    private static String etcRancherBefore;
    private static String appBefore;
    private static String older;

    @BeforeAll
    static void boot() throws IOException {
        node = SystemdNode.up("campaign");
        farrier = new InstalledFarrier(node);
        node.copy(SystemdNode.built("farrier.deb"), "/var/tmp/farrier.deb");
        node.copy(SystemdNode.built("farrier.deb.next"), "/var/tmp/next.deb");
        // Of a k3s that will come, or was here: on this machine Docker runs.
        node.shell("mkdir -p /etc/rancher/k3s");
        node.write("/etc/rancher/k3s/registries.yaml", REGISTRIES_YAML);
        node.shell("chmod 600 /etc/rancher/k3s/registries.yaml");
        etcDockerBefore = farrier.etcDocker();
        etcRancherBefore = farrier.folder("/etc/rancher");
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
        assertThat(farrier.etcDocker()).isEqualTo(etcDockerBefore);
        assertThat(farrier.pull().out()).contains("certificate signed by unknown authority");
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
        farrier.takeCa();
        farrier.configure("observe", "");
        node.run("systemctl", "reload", "farrier").succeeded();

        farrier.awaitStatus("mode observe; docker 20\\.10\\.24\\+dfsg1; [1-9] finding.*");
        assertThat(node.run("farrier", "plan").exited(2).out()).contains(REGISTRY);
        assertThat(farrier.etcDocker()).isEqualTo(etcDockerBefore);
    }

    @Test
    @Order(3)
    void keepTrustsTheRegistryAndReloadsDockerFromInsideTheSandbox() {
        appBefore = app();
        farrier.configure("keep", LIVE_RESTORE);
        node.run("farrier", "apply").succeeded();

        assertThat(farrier.pull().succeeded().out()).contains("practice/app:1");
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
        farrier.pull().succeeded();

        node.shell("rm /etc/farrier/farrier.d/broken.yaml");
        node.run("systemctl", "reload", "farrier").succeeded();
    }

    @Test
    @Order(5)
    void nativeCodeComesFromRootsOwnFolders() {
        assertThat(farrier.executables("farrier"))
                .isNotEmpty()
                .allMatch(file -> file.startsWith("/usr/"), "mapped executable from /usr only");
        assertThat(node.shell("findmnt -no OPTIONS /tmp; findmnt -no OPTIONS /run; findmnt -no OPTIONS /home"))
                .satisfies(mounts -> assertThat(mounts.lines()).hasSize(3).allMatch(line -> line.contains("noexec")));
    }

    /** SAFETY 41: the library is not there, so that a JVM that takes the option does not start. */
    @ParameterizedTest
    @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
    @Order(5)
    void noOptionOfOthersIsTakenByAVerbOrByTheUnit(String variable) {
        String evil = variable + "=-agentlib:evil";
        node.run("env", evil, "/usr/lib/farrier/runtime/bin/java", "-version").exited(1);

        assertThat(node.run("env", evil, "farrier", "version").succeeded().out())
                .doesNotContain(variable);

        String dropIn = "/run/systemd/system/farrier.service.d";
        node.shell("mkdir -p " + dropIn);
        node.write(dropIn + "/evil.conf", "[Service]\nEnvironment=" + evil + "\n");
        node.shell("systemctl daemon-reload; systemctl restart farrier");
        assertThat(node.property("farrier", "Environment")).contains(evil);
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(node.shell("tr '\\0' '\\n' </proc/" + farrier.pid("farrier") + "/environ"))
                .contains("LANG=")
                .doesNotContain(variable);
        node.shell("rm -r " + dropIn + "; systemctl daemon-reload; systemctl restart farrier");
    }

    @Test
    @Order(6)
    void theSandboxIsAsTightAsDocumentedAndLetsLogFilesBeHeldByLinks() {
        assertThat(farrier.exposure("farrier.service")).isLessThanOrEqualTo(2.4);
        assertThat(farrier.exposure("farrier-collector.service")).isLessThanOrEqualTo(1.9);

        farrier.configure(
                "keep",
                LIVE_RESTORE + IMAGES + "logs: {include: [app, web, \"job-*\"]}\n" + farrier.withCollectorHere());
        node.run("systemctl", "restart", "farrier").succeeded();

        node.await(
                "the number of held logs",
                SOON,
                "true",
                () -> node.run("sh", "-c", "test -n \"$(ls /var/lib/docker/farrier-held 2>/dev/null)\" && echo true")
                        .out()
                        .strip());
        farrier.awaitConnected();
        assertThat(farrier.status(".logs.held_by_descriptor_only")).isEqualTo("0");
    }

    @Test
    @Order(7)
    void theLinesOfContainersThatAreGoneArriveAlthoughTheAgentWasKilledBeforeTheAck() throws IOException {
        assertThat(node.shell("for disk in /var /var/log /var/lib/docker; do findmnt -no TARGET $disk; done")
                        .lines())
                .hasSize(3);
        RemovedContainers.arriveWhole(
                node,
                () -> node.shell("systemctl kill --signal=KILL farrier-collector; systemctl stop farrier-collector"),
                () -> node.shell("systemctl start farrier-collector"),
                farrier::api);
    }

    /** Docker says why a pull failed: as many lines as wanted, of the unit itself, in systemd's own journal. */
    @Test
    @Order(7)
    void whatDockersUnitSaysInTheJournalArrivesOnceThoughTheAgentIsKilledMeanwhile() {
        node.shell("for i in $(seq 60); do docker pull 127.0.0.1:1/nothing:$i || true; done");
        node.shell("systemctl kill --kill-who=main --signal=KILL farrier");
        node.shell("for i in $(seq 60); do docker pull 127.0.0.1:1/nothing:$i || true; done");
        farrier.awaitActive();
        String said = node.shell("journalctl --unit docker.service --output cat --no-pager");
        assertThat(said.lines()).hasSizeGreaterThan(120);

        node.await(
                "the lines of docker.service",
                SOON,
                said.strip(),
                () -> StreamSupport.stream(
                                farrier.api("/api/logs?container=docker.service&limit=5000")
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
        node.shell("mount -o remount,bind,noexec /var; systemctl restart farrier farrier-collector");
        try {
            assertThat(node.shell("findmnt -no OPTIONS /var")).contains("noexec");
            farrier.awaitActive();
            farrier.awaitConnected();
            node.shell("for verb in $(farrier --help | sed -n '/^Commands:/,/^$/s/^  \\([a-z]\\+\\) .*/\\1/p'); do"
                    + " test $verb = help || farrier $verb --help >/dev/null; done");
            assertThat(node.run("farrier", "wait", "--ready", "--timeout", "60s")
                            .succeeded()
                            .out())
                    .contains("This node is ready");
            VerbsOnANode.allWork(node);
            for (String unit : List.of("farrier", "farrier-collector")) {
                assertThat(farrier.executables(unit))
                        .as(unit)
                        .isNotEmpty()
                        .allMatch(file -> file.startsWith("/usr/"), "mapped executable from /usr only");
            }
        } finally {
            node.shell("mount -o remount,bind,exec /var");
        }
    }

    @Test
    @Order(9)
    void nobodyAttachesToTheAgent() {
        int agent = farrier.pid("farrier");
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
        assertThat(farrier.pid("farrier")).isEqualTo(agent);
    }

    @Test
    @Order(11)
    void afterThreeKillsInTenMinutesItOnlyWatchesUntilResumed() {
        String kept = farrier.etcDocker();
        // Ends that nobody ordered before this step count as well.
        for (int kills = 0; kills < 3 && !farrier.isInSafeMode(); kills++) {
            comesBackAfterKillNine();
        }
        farrier.awaitStatus("safe mode; .*");
        assertThat(farrier.status(".mode")).isEqualTo("\"observe\"");
        node.shell("rm -r /etc/docker/certs.d");
        assertThat(node.run("farrier", "plan").exited(2).out()).contains(REGISTRY);
        assertThat(node.shell("farrier resume")).contains("the agent was in safe mode");
        node.await("what it held back", SOON, kept, farrier::etcDocker);
    }

    @Test
    @Order(10)
    void comesBackAfterKillNine() {
        int restarts = farrier.restarts();
        int killed = farrier.pid("farrier");
        node.shell("systemctl kill --kill-who=main --signal=KILL farrier");

        node.await("NRestarts", SOON, Integer.toString(restarts + 1), () -> Integer.toString(farrier.restarts()));
        farrier.awaitActive();
        assertThat(farrier.pid("farrier")).isNotEqualTo(killed);
    }

    @Test
    @Order(12)
    void stopsAtOnceWhenToldTo() {
        node.run("systemctl", "stop", "farrier").succeeded();
        // Not killed when its time was over.
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
        int restarts = farrier.restarts();
        node.shell("systemctl kill --kill-who=main --signal=STOP farrier");

        node.await("NRestarts", SOON, Integer.toString(restarts + 1), () -> Integer.toString(farrier.restarts()));
        assertThat(node.shell("journalctl -u farrier --no-pager | grep -c 'Watchdog timeout'"))
                .isEqualTo("1");
        node.shell("rm -r /run/systemd/system/farrier.service.d; systemctl daemon-reload");
        farrier.awaitActive();
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
        farrier.awaitActive();
    }

    @Test
    @Order(15)
    void aRebootChangesNothing() {
        String kept = farrier.etcDocker();
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
        farrier.pull().succeeded();
        assertThat(farrier.etcDocker()).isEqualTo(kept);
    }

    @Test
    @Order(16)
    void anUpgradeStopsNoContainerAndKeepsStateAndFiles() {
        String app = app();
        String kept = farrier.etcDocker();
        String history = node.shell("farrier history -o json");
        ServingContainer web = ServingContainer.start(node);
        String life = farrier.life("web");
        web.awaitStored(farrier);
        older = node.shell("dpkg-query -W -f '${Version}' farrier");
        node.run("dpkg", "-i", "/var/tmp/next.deb").succeeded();

        assertThat(node.shell("dpkg-query -W -f '${Version}' farrier")).isEqualTo("0.1.1");
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(node.property("farrier-collector", "ActiveState")).isEqualTo("active");
        assertThat(app()).isEqualTo(app);
        assertThat(farrier.life("web")).isEqualTo(life);
        assertThat(web.failedRequests()).isEmpty();
        assertThat(farrier.etcDocker()).isEqualTo(kept);
        assertThat(node.shell("farrier history -o json")).isEqualTo(history);
        assertThat(node.shell("grep -c '^mode: keep' /etc/farrier/farrier.yaml"))
                .isEqualTo("1");
        web.awaitStored(farrier);
    }

    /** Without a collector nobody can tell the agent again what was acknowledged. */
    @Test
    @Order(17)
    void aDowngradeKeepsStateAndCursors() {
        String kept = farrier.etcDocker();
        String history = node.shell("farrier history -o json");
        node.shell("systemctl disable --now farrier-collector");
        node.await("the end of the connection", SOON, "false", () -> farrier.status(".collector.connected"));
        node.shell("systemctl stop farrier");
        Map<String, String> cursors = farrier.cursors();
        assertThat(cursors).isNotEmpty();
        node.shell("systemctl start farrier");
        node.run("dpkg", "-i", "/var/tmp/farrier.deb").succeeded();

        assertThat(node.shell("dpkg-query -W -f '${Version}' farrier")).isEqualTo(older);
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(node.property("farrier-collector", "ActiveState")).isEqualTo("inactive");
        assertThat(node.shell("farrier history -o json")).isEqualTo(history);
        assertThat(farrier.etcDocker()).isEqualTo(kept);
        assertThat(farrier.cursors()).containsAllEntriesOf(cursors);

        ServingContainer web = ServingContainer.of(node);
        assertThat(web.failedRequests()).isEmpty();
        node.shell("systemctl enable --now farrier-collector");
        web.awaitStored(farrier);
        web.remove();
    }

    @Test
    @Order(18)
    void anAgentThatItsOwnerSwitchedOffStaysOffOverAnUpgrade() {
        node.shell("systemctl disable --now farrier; dpkg -i /var/tmp/next.deb");
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("inactive");
        node.shell("systemctl enable --now farrier");
    }

    @Test
    @Order(19)
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
            assertThat(farrier.folder("/var/tmp/rescue/etc/docker")).isEqualTo(etcDockerBefore);
        } finally {
            node.shell("mv /usr/lib/farrier/runtime.away /usr/lib/farrier/runtime; umount /var/tmp/rescue /mnt;"
                    + " rm -r /var/tmp/originals /var/tmp/rescue");
        }
    }

    @Test
    @Order(20)
    void removingStopsItAndLeavesTheNode() {
        String kept = farrier.etcDocker();
        farrier.configure(
                "keep",
                "docker: {daemon_json: {live-restore: true}}\nchanges: {restore_on_purge: true, spread: none}\n");
        node.run("dpkg", "-r", "farrier").succeeded();

        assertThat(node.shell("pgrep -c -x java || true")).isEqualTo("0");
        assertThat(node.shell("test ! -e /usr/lib/farrier && test -d /var/lib/farrier && echo so"))
                .isEqualTo("so");
        assertThat(farrier.etcDocker()).isEqualTo(kept);
        farrier.pull().succeeded();
    }

    @Test
    @Order(21)
    void purgingGivesTheNodeBackAsItWas() {
        String app = app();
        node.run("dpkg", "-P", "farrier").succeeded();

        assertThat(farrier.etcDocker()).isEqualTo(etcDockerBefore);
        assertThat(app()).isEqualTo(app);
        assertThat(farrier.leftovers()).isEmpty();
        assertThat(Stream.of("farrier", "farrier-collector").map(unit -> node.property(unit, "LoadState")))
                .isEqualTo(List.of("not-found", "not-found").stream().toList());
    }

    @Test
    @Order(22)
    void purgingAfterFarrierRestoreLeavesTheNodeAsItWasWithoutBeingTold() {
        keepBoth("", "farrier restore");
        node.run("dpkg", "-P", "farrier").succeeded();

        assertIsAsItWas();
    }

    @Test
    @Order(23)
    void purgingGivesBackWhatItKeptOfBothRuntimes() {
        keepBoth("changes: {restore_on_purge: true, spread: none}\n", "true");
        node.run("dpkg", "-P", "farrier").succeeded();

        assertIsAsItWas();
    }

    /** @param then what is done about either before the other is kept */
    private static void keepBoth(String more, String then) {
        node.run("dpkg", "-i", "/var/tmp/next.deb").succeeded();
        farrier.takeCa();
        for (String distribution : List.of("docker", "k3s")) {
            farrier.configure("keep", "node: {distribution: " + distribution + "}\n" + more);
            node.shell("systemctl restart farrier; farrier apply");
            assertThat(farrier.etcDocker() + farrier.folder("/etc/rancher"))
                    .as(distribution)
                    .isNotEqualTo(etcDockerBefore + etcRancherBefore);
            node.shell(then);
        }
    }

    private static void assertIsAsItWas() {
        assertThat(farrier.etcDocker()).isEqualTo(etcDockerBefore);
        assertThat(farrier.folder("/etc/rancher")).isEqualTo(etcRancherBefore);
        assertThat(farrier.leftovers()).isEmpty();
    }

    private static String app() {
        return farrier.life("app");
    }
}
