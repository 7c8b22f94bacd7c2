package io.farrier.logs;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Run by {@link HoldBudgetIT} on a small file system of its own: a container that logs and rotates while no collector
 * answers, and others who fill the disk up to where the kubelet would evict. Prints {@code ok} at the end.
 */
final class HoldsOnSmallDisk {
    static final String LINKS = "links";
    static final String DESCRIPTORS = "descriptors";

    private static final int LINE_BYTES = 1_000;
    private static final int LINES = 300;
    private static final int ROTATIONS = 12;

    /** As the test's kubelet wants it. */
    private static final double THRESHOLD = 0.30;

    private final Path disk;
    private final DockerLogs docker;
    private final ContainerSample etcd;
    private long written;
    private long mostHeld;

    private HoldsOnSmallDisk(Path disk) throws IOException {
        this.disk = disk;
        this.docker = new DockerLogs(disk.resolve("docker"));
        this.etcd = docker.create("etcd");
    }

    public static void main(String[] arguments) throws IOException {
        new HoldsOnSmallDisk(Path.of(arguments[0])).run(Path.of(arguments[1]), arguments[2].equals(LINKS));
        System.out.println("ok");
    }

    private void run(Path state, boolean mayLink) throws IOException {
        Path config = disk.resolve("var/lib/kubelet/config.yaml");
        Files.createDirectories(config.getParent());
        Files.writeString(config, "evictionHard:\n  nodefs.available: 30%\n");
        try (TailedFolder node = new TailedFolder(state, WantedLogs.onNode(disk), () -> mayLink)) {
            node.tail().containers(docker.table());
            node.collector.disconnect();
            logAndRotate(node);
            demand(mostHeld > 0, "something is held while there is room");

            fillTo(0.32);
            logAndRotate(node);
            fillTo(0.25);
            logAndRotate(node);
            demand(node.tail().status().heldBytes() == 0, "past the threshold nothing is held");

            node.collector.reconnect(2);
            node.collector.credit(1L << 30);
            node.settle();
            node.settle();
            long stored = node.collector.lines().stream()
                    .mapToLong(line -> line.length() + 1)
                    .sum();
            long lost = node.collector.lost().stream()
                    .filter(loss -> loss.to() != Frame.Lost.UNKNOWN)
                    .map(loss -> new ByteRange(loss.from(), loss.to()))
                    .mapToLong(ByteRange::length)
                    .sum();
            demand(lost > 0, "what was given up is declared");
            demand(stored + lost == written, "written " + written + " = stored " + stored + " + lost " + lost);
        }
    }

    /** After each look there is as much free as the kubelet wants, or nothing that we hold. */
    private void logAndRotate(TailedFolder node) throws IOException {
        for (int i = 0; i < ROTATIONS; i++) {
            List<String> lines = new ArrayList<>();
            for (int line = 0; line < LINES; line++) {
                lines.add(docker.write(etcd, "x".repeat(LINE_BYTES)));
            }
            written += lines.stream().mapToLong(line -> line.length() + 1).sum();
            node.tail().turn();
            docker.rotate(etcd, 2);
            for (int look = 0; look < 2; look++) {
                node.pass(Duration.ofSeconds(2));
                node.tail().turn();
                node.save();
            }
            long held = node.tail().status().heldBytes();
            mostHeld = Math.max(mostHeld, held);
            demand(held == 0 || share() >= THRESHOLD, "no pressure by us: " + held + " held, free " + share());
        }
    }

    private void fillTo(double share) throws IOException {
        FileStore store = Files.getFileStore(disk);
        long missing = store.getUsableSpace() - (long) (store.getTotalSpace() * share);
        if (missing > 0) {
            Files.write(Files.createTempFile(disk, "others", ""), new byte[(int) missing]);
        }
    }

    private double share() throws IOException {
        FileStore store = Files.getFileStore(disk);
        return (double) store.getUsableSpace() / store.getTotalSpace();
    }

    private static void demand(boolean isSo, String what) {
        if (!isSo) {
            throw new AssertionError(what);
        }
    }
}
