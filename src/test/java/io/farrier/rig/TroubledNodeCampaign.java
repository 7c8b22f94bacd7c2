package io.farrier.rig;

import static io.farrier.rig.InstalledFarrier.SOON;
import static io.farrier.testing.SystemdNode.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.SystemdNode;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged unit on a machine where something is wrong: no collector answers, a change was interrupted, state is damaged,
 * its disk is full. It starts, says so, and leaves the node alone. Each step stands on the one before.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class TroubledNodeCampaign {
    private static final String STATE = "/var/lib/farrier";
    private static final String LOST_CA = "/etc/docker/certs.d/" + REGISTRY + "/ca.crt";

    /** So many files that whoever looks all the time meets the change in its middle. */
    private static final String MORE_REGISTRIES = IntStream.range(0, 40)
            .mapToObj(i -> "  - {host: 'more" + i + ".practice:5000', ca: certs/registry-ca.crt}\n")
            .collect(Collectors.joining());

    private static SystemdNode node;
    private static InstalledFarrier farrier;

    @BeforeAll
    static void boot() throws IOException {
        node = SystemdNode.up("troubled", "--disks", "one");
        farrier = new InstalledFarrier(node);
        node.copy(SystemdNode.built("farrier.deb"), "/var/tmp/farrier.deb");
        node.shell("dpkg -i /var/tmp/farrier.deb; install -m 600 /dev/null /etc/farrier/secrets/token;"
                + " echo nobody >/etc/farrier/secrets/token");
        farrier.takeCa();
        // Takes connections and never says a word.
        node.shell("systemd-run --unit=silent python3 -c 'import socket, time;"
                + " s = socket.create_server((\"127.0.0.1\", 8471)); time.sleep(100000)'");
        node.shell("docker run -d --network none --name app practice/local:1"
                + " sh -c 'i=0; while true; do i=$((i+1)); echo line $i of app; sleep 0.2; done'");
    }

    @AfterAll
    static void end() throws IOException {
        if (node != null) {
            node.close();
        }
    }

    /** An address that nobody has, and one that is silent. */
    @ParameterizedTest
    @ValueSource(strings = {"10.98.0.99:8470", "127.0.0.1:8471"})
    @Order(1)
    void isReadyAfterItsWorkOnTheNodeThoughNoCollectorAnswers(String address) {
        farrier.configure(
                "keep",
                "collector: {url: 'wss://" + address + "/feed', sha256: " + "0".repeat(64)
                        + ", token_file: secrets/token}\n");
        node.run("systemctl", "restart", "farrier").succeeded();

        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(farrier.restarts()).isZero();
        assertThat(farrier.status(".collector.connected")).isEqualTo("false");
        node.await("the CA", SOON, "true", () -> exists(LOST_CA));
    }

    @Test
    @Order(2)
    void aChangeThatWasInterruptedIsUndoneByTheUnitBeforeTheAgentStarts() {
        String before = farrier.etcDocker();
        node.shell("systemctl stop farrier");
        farrier.configure("keep", MORE_REGISTRIES);
        node.shell("farrier apply >/dev/null 2>&1 & change=$!; open=" + STATE + "/ledger/open-change;"
                + " while ! test -e $open; do kill -0 $change; done; kill -9 $change; test -e $open");
        node.run("systemctl", "start", "farrier").succeeded();

        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        // What 'farrier recover' says when it has put files back.
        assertThat(node.property("farrier", "ExecStartPre")).contains("status=5");
        assertThat(exists(STATE + "/ledger/open-change")).isEqualTo("false");
        assertThat(farrier.etcDocker()).isEqualTo(before);
        assertThat(farrier.isInSafeMode()).isTrue();

        node.run("farrier", "resume").succeeded();
        node.await(
                "what was interrupted", SOON, "true", () -> exists("/etc/docker/certs.d/more39.practice:5000/ca.crt"));
    }

    @Test
    @Order(3)
    void aDamagedLedgerIsSaidAndNothingIsChangedUntilItIsMovedAway() {
        node.shell("systemctl stop farrier; rm " + LOST_CA);
        flip(STATE + "/ledger/owned/docker+certs.d", 500);
        String left = farrier.etcDocker();
        node.run("systemctl", "start", "farrier").succeeded();

        farrier.awaitFinding("change.refused");
        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        assertThat(farrier.journal()).contains("docker+certs.d but its checksum does not match");
        assertThat(node.run("farrier", "apply").exited(4).out()).contains("farrier does not guess");
        assertThat(farrier.etcDocker()).isEqualTo(left);

        node.shell("mv " + STATE + "/ledger/owned/docker+certs.d /var/tmp/");
        node.await("the CA", SOON, "true", () -> exists(LOST_CA));
    }

    @Test
    @Order(4)
    void damagedCursorsAndEventsAreSaidAndNoLineIsStoredTwice() {
        farrier.configure("keep", "logs: {include: [app]}\n" + farrier.withCollectorHere());
        node.run("systemctl", "restart", "farrier").succeeded();
        farrier.awaitConnected();
        long last = awaitStored();
        String left = farrier.etcDocker();
        node.shell("systemctl stop farrier");
        flip(STATE + "/cursors", 100);
        // The first record, behind the file's head.
        flip(STATE + "/spool/events.segment", 65);
        node.run("systemctl", "start", "farrier").succeeded();

        assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
        farrier.awaitFinding("agent.state-damaged");
        assertThat(farrier.journal()).contains("line(s) of " + STATE + "/cursors", "bytes in " + STATE + "/spool/");
        assertThat(awaitStored()).isGreaterThan(last);
        assertThat(farrier.etcDocker()).isEqualTo(left);
    }

    @Test
    @Order(5)
    void anAgentWhoseStateIsOnAFullDiskStartsAndSaysSo() {
        String left = farrier.etcDocker();
        node.shell("systemctl stop farrier; cp -a " + STATE
                + " /var/tmp/state; mount -t tmpfs -o size=16m,mode=700 tmpfs "
                + STATE + "; cp -a /var/tmp/state/. " + STATE + "; rm " + LOST_CA + "; ! dd if=/dev/zero of=" + STATE
                + "/full bs=4k");
        try {
            node.run("systemctl", "start", "farrier").succeeded();
            farrier.awaitFinding("agent.lane-failed");

            assertThat(node.property("farrier", "ActiveState")).isEqualTo("active");
            assertThat(farrier.journal())
                    .contains(
                            "Could not note that the agent begins: Tried to replace " + STATE + "/starts",
                            "The change lane failed and goes on",
                            "No space left on device");
            assertThat(exists(LOST_CA))
                    .as("without a note of it nothing is changed")
                    .isEqualTo("false");

            node.shell("rm " + STATE + "/full");
            node.await("what it could not do", SOON, left, farrier::etcDocker);
        } finally {
            node.shell("systemctl stop farrier; umount " + STATE + "; systemctl start farrier");
        }
    }

    private static String exists(String file) {
        return Boolean.toString(node.run("test", "-e", file).exit() == 0);
    }

    private static void flip(String file, int at) {
        node.run(
                        "python3",
                        "-c",
                        "import sys; f = open(sys.argv[1], 'r+b'); f.seek(int(sys.argv[2])); b = f.read(1)[0];"
                                + " f.seek(int(sys.argv[2])); f.write(bytes([b ^ 1]))",
                        file,
                        Integer.toString(at))
                .succeeded();
    }

    /** All lines of the container until now, each once; the last one's number. */
    private static long awaitStored() {
        return NumberedLines.awaitStored(node, farrier, "app");
    }
}
