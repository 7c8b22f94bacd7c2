package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The one line, in a shell of the node, against the real collector. dpkg and systemctl are wires here that are tripped
 * when something would be installed: the node shares the machine's /usr. Each tool looks, as it starts, for the token in
 * the arguments and the environment of all processes.
 */
final class JoinIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("join").seeded(PAUSE);

    private static final String PACKAGE = "farrier_9.9.9_amd64.deb";
    private static final int PACKAGE_BYTES = 5 * 4096 + 17;
    private static final String TOOLS = "/etc/farrier/tools";
    private static final int WRONG_KEY = 90;

    private static TestCollector collector;
    private static byte[] install;

    @BeforeAll
    static void startCollector() throws IOException {
        collector = TestCollector.beside(NODE);
        install = new byte[PACKAGE_BYTES];
        new Random(1).nextBytes(install);
        Files.createDirectories(NODE.file("/var/lib/farrier/collector/packages"));
        Files.createDirectories(NODE.file(TOOLS));
        tool("dpkg", "echo \"$*\" >>" + TOOLS + "/ran.dpkg; cmp \"$3\" " + TOOLS + "/good.deb");
        tool("systemctl", "echo \"$*\" >>" + TOOLS + "/ran.systemctl");
        tool("curl", "exec /usr/bin/curl \"$@\"");
        tool(
                "farrier",
                "exec " + ProcessHandle.current().info().command().orElseThrow() + " -jar "
                        + System.getProperty("farrier.jar") + " \"$@\"");
        Files.write(NODE.file(TOOLS + "/good.deb"), install);
    }

    @AfterAll
    static void stopCollector() {
        collector.close();
    }

    @BeforeEach
    void aNewNodeOnWhichNothingHasRun() throws IOException {
        leave();
        NODE.configure("mode: observe\nnode: {name: worker-7}\n");
        Files.write(packageFile(), install);
        NODE.exec("sh", "-c", "rm -f " + TOOLS + "/ran.*").succeeded();
    }

    @Test
    void installsAndConnectsAndRunsTwice() throws IOException {
        Invited invited = invite();
        run(invited.line()).succeeded();

        assertThat(read(TOOLS + "/ran.dpkg")).startsWith("--force-confold --install ");
        assertThat(read(TOOLS + "/ran.systemctl")).contains("restart farrier");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(NODE.file("/etc/farrier/secrets/collector.token"))))
                .isEqualTo("rw-------");
        assertThat(read(TOOLS + "/seen")).as("processes that showed the token").isEmpty();
        assertThat(NODE.exec("grep", "-rlF", invited.token(), "/etc/farrier/farrier.d", "/var/lib/farrier", "/var/tmp")
                        .out())
                .isEmpty();
        try (RunningFarrier agent = NODE.startFarrier("agent")) {
            collector.awaitApi(
                    "/api/nodes/worker-7", node -> node.path("connected").asBoolean());
        }

        assertThat(run(invited.line()).succeeded().out()).contains("reports to", "already");
    }

    @Test
    void aUsedTokenBuysNothing() throws IOException {
        Invited invited = invite();
        run(invited.line()).succeeded();
        leave();
        NODE.configure("mode: observe\nnode: {name: impostor}\n");

        assertThat(run(invited.line()).exited(4).err()).contains("403", "used up");
        assertThat(Files.exists(NODE.file("/etc/farrier/farrier.d/50-collector.yaml")))
                .isFalse();
    }

    @Test
    void aCollectorWithAnotherKeyRunsNoByte() throws IOException {
        String line = invite().line().replaceFirst("sha256//..", "sha256//AA");

        run(line).exited(WRONG_KEY);
        assertNothingRan();
    }

    @Test
    void aPackageThatWasReplacedOrCutIsNotInstalled() throws IOException {
        String line = invite().line();
        byte[] replaced = install.clone();
        replaced[PACKAGE_BYTES - 1] ^= 1;
        Files.write(packageFile(), replaced);
        assertThat(run(line).exited(1).out()).contains("farrier.deb: FAILED");

        for (int size = 0; size < PACKAGE_BYTES; size += 4096) {
            Files.write(packageFile(), Arrays.copyOf(install, size));
            run(line).exited(1);
        }
        assertNothingRan();
    }

    /** Whoever took the collector over can replace the package and its SHA-256 in the line, and cannot sign. */
    @Test
    void withAPinnedReleaseKeyOnlyWhatItSignedIsInstalled() throws IOException {
        String key = TOOLS + "/release.key";
        NODE.exec("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
                .succeeded();
        NODE.exec("openssl", "pkey", "-in", key, "-pubout", "-out", key + ".pub")
                .succeeded();
        assertThat(NODE.farrier("collector", "invite", "--release-key", key + ".pub")
                        .exited(1)
                        .err())
                .contains(PACKAGE + ".sig", "Copy it there");
        NODE.exec(
                        "openssl",
                        "dgst",
                        "-sha256",
                        "-sign",
                        key,
                        "-out",
                        "/var/lib/farrier/collector/packages/" + PACKAGE + ".sig",
                        "/var/lib/farrier/collector/packages/" + PACKAGE)
                .succeeded();
        assertThat(invite().warning())
                .contains("Without --release-key nobody vouches for " + PACKAGE)
                .hasLineCount(1);
        Invited invited = invite("--release-key", key + ".pub");
        assertThat(invited.warning()).isEmpty();

        byte[] replaced = install.clone();
        replaced[0] ^= 1;
        Files.write(packageFile(), replaced);
        String line =
                invited.line().replace(io.farrier.image.Sha256.hex(install), io.farrier.image.Sha256.hex(replaced));
        assertThat(run(line).exited(1).err()).contains("was not signed by the release key; nothing was installed");
        assertNothingRan();
        assertThat(NODE.farrier("collector", "invite", "--release-key", key + ".pub")
                        .exited(1)
                        .err())
                .contains("the release key did not make it");

        Files.write(packageFile(), install);
        run(invited.line()).succeeded();
        assertThat(read(TOOLS + "/ran.dpkg")).contains("--install");
    }

    @Test
    void aTokenInAnArgumentIsRefused() {
        assertThat(NODE.farrier("join", "https://collector.example:8470", "--token", "a-token-that-all-can-read")
                        .exited(64)
                        .err())
                .contains("process list", "--token-file");
    }

    @Test
    void aNodeWaitsForItsApproval() throws IOException {
        Invited invited = invite("--approval");
        assertThat(run(invited.line().replace("--sha256", "--timeout 1s --sha256"))
                        .exited(1)
                        .err())
                .contains("waits for its operator");
        assertThat(NODE.farrier("collector", "members").succeeded().out()).containsPattern("worker-7 +pending");

        NODE.farrier("collector", "approve", "worker-7").succeeded();
        run(invited.line()).succeeded();
        assertThat(NODE.farrier("collector", "members").succeeded().out()).containsPattern("worker-7 +joined");
    }

    /** What the collector's operator got, and what was said beside it. */
    private record Invited(String line, String token, String warning) {}

    private static Invited invite(String... more) throws IOException {
        String[] arguments = {
            "collector", "invite", "--url", "https://" + NODE.hostAddress() + ":" + TestCollector.PORT, "-o", "json"
        };
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        PracticeNode.Result result = NODE.farrier(all).succeeded();
        JsonNode json = new ObjectMapper().readTree(result.out());
        return new Invited(json.path("line").asText(), json.path("token").asText(), result.err());
    }

    /** From a file, as cloud-init runs it: a shell's own arguments would be in the process list. */
    private static PracticeNode.Result run(String line) throws IOException {
        String token = line.replaceFirst("(?s).*printf '%s\\\\n' (\\S+) .*", "$1");
        Files.writeString(NODE.file(TOOLS + "/token"), token);
        Files.writeString(NODE.file(TOOLS + "/seen"), "");
        Files.writeString(NODE.file(TOOLS + "/line"), line + "\n");
        return NODE.exec("env", "PATH=" + TOOLS + ":/usr/sbin:/usr/bin:/sbin:/bin", "sh", TOOLS + "/line");
    }

    private static void tool(String name, String script) throws IOException {
        Path file = NODE.file(TOOLS + "/" + name);
        Files.writeString(
                file,
                "#!/bin/sh\ncat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -aqFf " + TOOLS
                        + "/token && echo " + name + " >>" + TOOLS + "/seen\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The node is new again: another key, no drop-in; the collector has given its name free. */
    private static void leave() {
        NODE.exec("sh", "-c", "rm -f /etc/farrier/farrier.d/50-collector.yaml /etc/farrier/secrets/collector.token")
                .succeeded();
        NODE.farrier("collector", "forget", "worker-7").succeeded();
    }

    private static void assertNothingRan() {
        assertThat(Files.exists(NODE.file(TOOLS + "/ran.dpkg"))).as("dpkg ran").isFalse();
        assertThat(Files.exists(NODE.file("/etc/farrier/farrier.d/50-collector.yaml")))
                .isFalse();
    }

    private static Path packageFile() {
        return NODE.file("/var/lib/farrier/collector/packages/" + PACKAGE);
    }

    private static String read(String file) throws IOException {
        return Files.readString(NODE.file(file));
    }
}
