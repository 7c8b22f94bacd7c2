package io.farrier.testing;

import io.farrier.keep.docker.RunningDockerd;
import io.farrier.ledger.Ledger;
import io.farrier.node.CrashPoint;
import io.farrier.node.DaemonProcess;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeLock;
import io.farrier.node.PauseFile;
import io.farrier.node.Processes;
import io.farrier.node.SafeModeFile;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Resource;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.ContainersSeen;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Prover;
import io.farrier.reconcile.Repairs;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A node below a folder: its files, its ledger, a dockerd that reads its daemon.json. */
public final class NodeBench {
    public static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    private static final int ENOUGH_REPAIRS = 1000;

    private final Path root;
    private final NodeFiles files;
    private final Ledger ledger;
    private final FakeDockerd dockerd;
    private final MovableClock clock = new MovableClock(NOW);
    private Repairs repairs = new Repairs(ENOUGH_REPAIRS, clock);
    private Brakes.Policy policy = new Brakes.Policy(true, Map.of(), false, true);
    private Optional<ContainersSeen> containers = Optional.empty();
    private String configuration = "configuration 1";
    private String version = "0.1.0";
    private Prover prover = Prover.NONE;

    public NodeBench(Path root) throws IOException {
        this(root, CrashPoint.NONE, new FakeDockerd(root.resolve("etc/docker/daemon.json")));
    }

    private NodeBench(Path root, CrashPoint crashPoint, FakeDockerd dockerd) throws IOException {
        Files.createDirectories(root.resolve("etc"));
        Files.createDirectories(root.resolve("var/lib"));
        this.root = root;
        this.files = NodeFiles.below(root, crashPoint);
        this.ledger = new Ledger(files, Configurations.STATE_DIR);
        this.dockerd = dockerd;
    }

    /** The same node and daemon, with a process that dies at {@code crashPoint}. */
    public NodeBench dyingAt(CrashPoint crashPoint) throws IOException {
        return new NodeBench(root, crashPoint, dockerd);
    }

    public NodeBench with(Brakes.Policy newPolicy) {
        policy = newPolicy;
        return this;
    }

    /** Instead of what its dockerd runs. */
    public NodeBench seeing(ContainersSeen seen) {
        containers = Optional.of(seen);
        return this;
    }

    /** With a brake on drift that is felt. */
    public NodeBench repairing(int perHour) {
        repairs = new Repairs(perHour, clock);
        return this;
    }

    public MovableClock clock() {
        return clock;
    }

    public NodeBench configured(String fingerprint) {
        configuration = fingerprint;
        return this;
    }

    /** With another version of farrier from now on. */
    public NodeBench upgraded(String to) {
        version = to;
        return this;
    }

    public SafeModeFile safeMode() {
        return new SafeModeFile(files, Configurations.STATE_DIR);
    }

    public Path root() {
        return root;
    }

    public NodeFiles files() {
        return files;
    }

    public Ledger ledger() {
        return ledger;
    }

    public FakeDockerd dockerd() {
        return dockerd;
    }

    public RunningDockerd runningDockerd() {
        DaemonProcess nowhere = new DaemonProcess("no-such-daemon", List.of(), List.of(), List.of());
        Processes processes = new Processes((deadline, argv) -> {
            throw new IOException("no programs here");
        });
        return new RunningDockerd(dockerd, processes, nowhere, (deadline, argv) -> {
            throw new IOException("no programs here");
        });
    }

    public NodeBench proving(Prover newProver) {
        prover = newProver;
        return this;
    }

    public Keeper keeper(Resource<?>... resources) {
        return keeper(Map.of(dockerd.name(), dockerd), resources);
    }

    public Keeper keeper(Map<DaemonName, Daemon> daemons, Resource<?>... resources) {
        return new Keeper(
                Arrays.asList(resources),
                files,
                ledger,
                new NodeLock(files, Configurations.STATE_DIR.resolve("lock"), Duration.ofSeconds(10)),
                new Brakes(
                        new PauseFile(files, clock),
                        safeMode(),
                        policy,
                        containers.orElseGet(() -> ContainersSeen.of(dockerd))),
                repairs,
                daemons,
                prover,
                new Keeper.Version(version, configuration),
                clock);
    }

    public Path write(String path, String text) throws IOException {
        return write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    public Path write(String path, byte[] bytes) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.write(file, bytes);
    }

    public String read(String path) throws IOException {
        return Files.readString(root.resolve(path));
    }

    /** Mode and content of everything but farrier's own state. */
    public Map<String, String> tree() throws IOException {
        return look(
                path -> Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) + " "
                        + (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                                ? Files.readString(path, StandardCharsets.ISO_8859_1)
                                : ""),
                "var/lib/farrier");
    }

    /** Inode, mtime and ctime of everything, farrier's own state included. */
    public Map<String, String> stamps() throws IOException {
        return look(
                path -> Files.readAttributes(path, "unix:ino,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS)
                        .toString(),
                "no such folder");
    }

    private interface Look {
        String at(Path path) throws IOException;
    }

    private Map<String, String> look(Look look, String leftOut) throws IOException {
        Map<String, String> seen = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                if (!path.startsWith(root.resolve(leftOut))) {
                    seen.put(root.relativize(path).toString(), look.at(path));
                }
            }
        }
        return seen;
    }
}
