package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.node.LockFile;
import io.farrier.node.NodeLock;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.CrashEnumeration;
import io.farrier.testing.Killed;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a shell alone makes of a node that farrier left, however it left it. */
final class ShellRestoreTest {
    private static final String FILE = "etc/docker/daemon.json";
    private static final String BEFORE = "{\n  \"log-driver\": \"json-file\"\n}\n";
    private static final String UNDO = "var/lib/farrier/ledger/undo/";
    private static final Order BY_HAND = Order.byHand("root").allowingRemoval();
    private static final FarrierConfig WANTED = Configurations.of(
            List.of(withClient("reg.example:5000", "key"), Configurations.insecure("plain.example:5000")),
            Map.of(),
            Map.of("live-restore", true));
    private static final FarrierConfig EMPTY = Configurations.of(List.of());

    @TempDir
    Path root;

    private NodeBench node;
    private Map<String, String> before;

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
        Files.setPosixFilePermissions(
                node.write(FILE, BEFORE), java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));
        node.dockerd().start();
        before = node.tree();
    }

    @Test
    void whereverFarrierIsKilledTheShellMakesItWhollyOldOrLeavesItWhollyNew() throws IOException {
        int steps = CrashEnumeration.atEveryStep(kill -> {
            NodeBench dying = node.dyingAt(kill);
            assertThatThrownBy(() -> keeper(dying, WANTED).keep(BY_HAND)).isInstanceOf(Killed.class);

            assertThat(undo()).as("step %d: %s", kill.step(), kill).isZero();

            boolean isNew = keeper(node, WANTED).plan(BY_HAND).isNoop();
            assertThat(isNew || node.tree().equals(before))
                    .as("step %d: %s", kill.step(), kill)
                    .isTrue();
            keeper(node, WANTED).recover();
            assertThat(keeper(node, WANTED).plan(BY_HAND).isNoop())
                    .as("farrier is of the same mind, step %d: %s", kill.step(), kill)
                    .isEqualTo(isNew);
            keeper(node, WANTED).keep(BY_HAND);
            keeper(node, EMPTY).keep(BY_HAND);
            assertThat(node.tree()).isEqualTo(before);
        });
        assertThat(steps).isGreaterThan(25);
    }

    @Test
    void theWayBackIsUndoneAsWell() throws IOException {
        keeper(node, WANTED).keep(BY_HAND);
        Map<String, String> applied = node.tree();
        CrashEnumeration.atEveryStep(kill -> {
            NodeBench dying = node.dyingAt(kill);
            assertThatThrownBy(() -> keeper(dying, EMPTY).keep(BY_HAND)).isInstanceOf(Killed.class);

            assertThat(undo()).as("step %d: %s", kill.step(), kill).isZero();

            assertThat(node.tree().equals(applied)
                            || keeper(node, EMPTY).plan(BY_HAND).isNoop())
                    .as("step %d: %s", kill.step(), kill)
                    .isTrue();
            keeper(node, WANTED).keep(BY_HAND);
            assertThat(node.tree()).isEqualTo(applied);
        });
    }

    @Test
    void whatSomebodyElseChangedSinceIsLeftAloneAndNamed() throws IOException {
        killInTheMiddle();
        node.write(FILE, "{\"debug\": true}");

        assertThat(undo()).isEqualTo(1);

        assertThat(node.read(FILE)).isEqualTo("{\"debug\": true}");
        assertThat(words()).contains(FILE + " was changed by somebody else since; left alone");
        assertThat(root.resolve("etc/docker/certs.d")).doesNotExist();
    }

    @Test
    void aFarrierThatLivesIsLeftToItsWork() throws IOException {
        killInTheMiddle();
        Map<String, String> half = node.tree();
        try (LockFile held =
                new NodeLock(node.files(), Configurations.STATE_DIR.resolve("lock"), Duration.ofSeconds(10)).take()) {
            assertThat(undo()).isZero();
            assertThat(node.tree()).isEqualTo(half);
        }
        assertThat(undo()).isZero();
        assertThat(node.tree()).isEqualTo(before);
    }

    @Test
    void nothingIsTouchedWhereTheStateIsDamagedAtAnyByte() throws IOException {
        killInTheMiddle();
        Map<String, String> half = node.tree();
        Path manifest = root.resolve(UNDO + "MANIFEST");
        byte[] good = Files.readAllBytes(manifest);
        for (int at = 0; at < good.length; at += 17) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(manifest, bad);
            undo();
            assertThat(node.tree()).as("byte %d", at).isEqualTo(half);
            Files.write(manifest, java.util.Arrays.copyOf(good, at));
            undo();
            assertThat(node.tree()).as("cut at %d", at).isEqualTo(half);
        }
    }

    @Test
    void theDropInEndsInTimeWhateverIsThereAndWhateverHangs() throws Exception {
        killInTheMiddle();
        Path bin = Files.createDirectories(root.resolve("bin"));
        Path stuck = Files.writeString(bin.resolve("sha256sum"), "#!/bin/sh\nsleep 60\n");
        Files.setPosixFilePermissions(stuck, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        long begun = System.nanoTime();

        assertThat(dropIn(bin + ":" + System.getenv("PATH"))).isNotZero();

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(6));
        Files.writeString(root.resolve(UNDO + "RESTORE.sh"), "\0 garbage ((");
        assertThat(dropIn(System.getenv("PATH"))).isNotZero();
        Files.delete(root.resolve(UNDO + "RESTORE.sh"));
        assertThat(dropIn(System.getenv("PATH"))).isZero();
        assertThat(Files.readString(Path.of("packaging/systemd/farrier-recover.conf")))
                .contains("ExecStartPre=-/");
    }

    @Test
    void everythingIsGivenBackWithoutFarrier() throws IOException {
        keeper(node, Configurations.of(List.of(Configurations.insecure("a:5000"))))
                .keep(BY_HAND);
        keeper(node, WANTED).keep(BY_HAND);

        assertThat(sh("var/lib/farrier/originals/RESTORE.sh")).as(words()).isZero();

        assertThat(node.tree()).isEqualTo(before);
        assertThat(words()).contains("put back", "removed");
    }

    @Test
    void contentsAreRootsAloneAndGoWithTheLastThatIsOurs() throws IOException {
        keeper(node, WANTED).keep(BY_HAND);
        Path originals = root.resolve("var/lib/farrier/originals");
        assertThat(Files.getAttribute(originals, "unix:mode")).isEqualTo(040700);
        assertThat(names(originals)).hasSize(3);
        assertThat(names(root.resolve(UNDO))).containsExactly("RESTORE.sh");
        for (String name : names(originals)) {
            assertThat(Files.getAttribute(originals.resolve(name), "unix:mode")).isEqualTo(0100600);
        }

        keeper(node, EMPTY).keep(BY_HAND);

        assertThat(names(originals)).containsExactly("RESTORE.sh");
    }

    @Test
    void backupsDoNotGrowWithTheNumberOfChanges() throws IOException {
        for (int change = 1; change <= 20; change++) {
            FarrierConfig next = Configurations.of(
                    List.of(withClient("reg.example:5000", "password " + change)),
                    Map.of(),
                    Map.of("max-concurrent-downloads", change));
            keeper(node, next).keep(BY_HAND);
            String everything = Files.readString(root.resolve("var/lib/farrier/ledger/history.jsonl"));
            assertThat(everything).doesNotContain("password");
        }
        // One content for daemon.json as it was, beside the script and its list; nothing of the nineteen pairs between.
        assertThat(names(root.resolve("var/lib/farrier/originals"))).hasSize(3);
        assertThat(names(root.resolve(UNDO))).containsExactly("RESTORE.sh");
        for (String folder : List.of("ledger", "ledger/owned", "ledger/undo", "originals")) {
            for (Path file : filesIn(root.resolve("var/lib/farrier").resolve(folder))) {
                assertThat(Files.readString(file)).as("%s", file).doesNotContain("password");
            }
        }
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private void killInTheMiddle() {
        NodeBench[] dying = new NodeBench[1];
        assertThatThrownBy(() -> {
                    dying[0] = node.dyingAt((step, path) -> {
                        if (path.endsWith("daemon.json") && step == io.farrier.node.CrashPoint.Step.REPLACED) {
                            throw new IllegalStateException("killed");
                        }
                    });
                    keeper(dying[0], WANTED).keep(BY_HAND);
                })
                .hasMessage("killed");
        assertThat(root.resolve("etc/docker/certs.d")).exists();
    }

    private int undo() throws IOException {
        // Where nothing was begun there is no script: what the drop-in asks as well.
        return Files.exists(root.resolve(UNDO + "RESTORE.sh")) ? sh(UNDO + "RESTORE.sh") : 0;
    }

    private int sh(String script) throws IOException {
        return run(System.getenv("PATH"), List.of("sh", root.resolve(script).toString(), root.toString()));
    }

    private int dropIn(String path) throws IOException {
        String line = Files.readAllLines(Path.of("packaging/systemd/farrier-recover.conf")).stream()
                .filter(each -> each.startsWith("ExecStartPre=-"))
                .findFirst()
                .orElseThrow()
                .replace("ExecStartPre=-", "exec ")
                .replace("/var/lib/farrier", root + "/var/lib/farrier");
        return run(path, List.of("sh", "-c", line));
    }

    private int run(String path, List<String> command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out().toFile());
        builder.environment().put("PATH", path);
        try {
            Process process = builder.start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(stopped);
        }
    }

    private Path out() {
        return root.resolve("var/lib/farrier/words");
    }

    private String words() throws IOException {
        return Files.exists(out()) ? Files.readString(out(), StandardCharsets.UTF_8) : "";
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return new ArrayList<>(
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    private static FarrierConfig.Registry withClient(String host, String key) {
        return new FarrierConfig.Registry(
                RegistryHost.parse(host),
                Optional.of(CA),
                Optional.of(new FarrierConfig.ClientPair(CA, Secret.of(key))),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private static Keeper keeper(NodeBench bench, FarrierConfig config) {
        return bench.keeper(
                new CertsDirectory(config, bench.files(), bench.ledger()),
                new DaemonJsonFile(config, bench.files(), bench.ledger(), Optional.of(bench.runningDockerd())));
    }
}
