package io.farrier.vitals;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The control groups of a node. A container's is found by its id, wherever dockerd, containerd or the kubelet put it and
 * whichever driver named it: {@code docker/ID}, {@code kubepods/burstable/podUID/ID}, {@code system.slice/docker-ID.scope},
 * {@code cri-containerd-ID.scope}. Groups are paths below the tree's root.
 */
abstract sealed class CgroupTree {
    private static final Pattern ID = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
    private static final int MAX_DEPTH = 8; // kubepods.slice/..burstable.slice/..pod.slice/..scope is 4
    private static final int MAX_FOLDERS = 20_000; // a node runs some hundred pods; a tree beyond this is not walked on

    private final Path root;
    private final Map<String, Path> known = new HashMap<>();

    record Blocks(long read, long written) {}

    private CgroupTree(Path root) {
        this.root = root;
    }

    /** Where containers are looked for. */
    abstract Path searched();

    abstract long cpuNanos(Path group) throws IOException;

    abstract long memoryBytes(Path group) throws IOException;

    /** 0 when there is none. */
    abstract long memoryLimitBytes(Path group) throws IOException;

    abstract Blocks blocks(Path group) throws IOException;

    List<String> processes(Path group) throws IOException {
        return Files.readAllLines(searched().resolve(group).resolve("cgroup.procs"));
    }

    final Path root() {
        return root;
    }

    /** The tree is walked only when an id is asked for that was not there before. */
    final synchronized Map<String, Path> find(Collection<String> ids) {
        known.keySet().retainAll(ids);
        known.values().removeIf(group -> !Files.isDirectory(searched().resolve(group)));
        if (!known.keySet().containsAll(ids)) {
            walk(ids);
        }
        return Map.copyOf(known);
    }

    private void walk(Collection<String> ids) {
        Deque<Path> waiting = new ArrayDeque<>(List.of(searched()));
        for (int seen = 0; seen < MAX_FOLDERS && !waiting.isEmpty(); seen++) {
            Path folder = waiting.poll();
            Matcher id = ID.matcher(folder.getFileName().toString());
            if (id.find()) {
                if (ids.contains(id.group())) {
                    known.putIfAbsent(id.group(), searched().relativize(folder));
                }
            } else if (folder.getNameCount() - searched().getNameCount() < MAX_DEPTH) {
                waiting.addAll(folders(folder));
            }
        }
    }

    private static List<Path> folders(Path folder) {
        List<Path> folders = new java.util.ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isDirectory)) {
            entries.forEach(folders::add);
        } catch (IOException gone) {
            // A group that ended while we looked.
        }
        return folders;
    }

    static long number(Path file) throws IOException {
        return Long.parseLong(Files.readString(file).trim());
    }

    /** A line {@code key value}; 0 when the kernel writes none. */
    static long value(Path file, String key) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(key + " ")) {
                return Long.parseLong(line.substring(key.length() + 1).trim());
            }
        }
        return 0;
    }

    /** One tree for each controller, each with the same groups. */
    static final class V1 extends CgroupTree {
        /** The kernel's word for no limit: the largest page-aligned long, whatever the page size. */
        private static final long UNLIMITED = Long.MAX_VALUE / 2;

        V1(Path root) {
            super(root);
        }

        @Override
        Path searched() {
            return root().resolve("memory");
        }

        @Override
        long cpuNanos(Path group) throws IOException {
            return number(root().resolve("cpuacct").resolve(group).resolve("cpuacct.usage"));
        }

        @Override
        long memoryBytes(Path group) throws IOException {
            Path memory = searched().resolve(group);
            long inactive = value(memory.resolve("memory.stat"), "total_inactive_file");
            return Math.max(0, number(memory.resolve("memory.usage_in_bytes")) - inactive);
        }

        @Override
        long memoryLimitBytes(Path group) throws IOException {
            long limit = number(searched().resolve(group).resolve("memory.limit_in_bytes"));
            return limit > UNLIMITED ? 0 : limit;
        }

        /** {@code 8:0 Read 4096} for each device, and a total; kernels without the throttle policy have no such file. */
        @Override
        Blocks blocks(Path group) throws IOException {
            Path file = root().resolve("blkio").resolve(group).resolve("blkio.throttle.io_service_bytes");
            if (!Files.exists(file)) {
                return new Blocks(0, 0);
            }
            long read = 0;
            long written = 0;
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ");
                if (words.length == 3 && words[1].equals("Read")) {
                    read += Long.parseLong(words[2]);
                }
                if (words.length == 3 && words[1].equals("Write")) {
                    written += Long.parseLong(words[2]);
                }
            }
            return new Blocks(read, written);
        }
    }

    /** The unified tree. */
    static final class V2 extends CgroupTree {
        private static final long NANOS_PER_MICRO = 1000;
        private static final Pattern READ = Pattern.compile("\\brbytes=(\\d+)");
        private static final Pattern WRITTEN = Pattern.compile("\\bwbytes=(\\d+)");

        V2(Path root) {
            super(root);
        }

        @Override
        Path searched() {
            return root();
        }

        @Override
        long cpuNanos(Path group) throws IOException {
            return value(root().resolve(group).resolve("cpu.stat"), "usage_usec") * NANOS_PER_MICRO;
        }

        @Override
        long memoryBytes(Path group) throws IOException {
            Path memory = root().resolve(group);
            long inactive = value(memory.resolve("memory.stat"), "inactive_file");
            return Math.max(0, number(memory.resolve("memory.current")) - inactive);
        }

        @Override
        long memoryLimitBytes(Path group) throws IOException {
            String limit = Files.readString(root().resolve(group).resolve("memory.max"))
                    .trim();
            return limit.equals("max") ? 0 : Long.parseLong(limit);
        }

        /** {@code 8:0 rbytes=4096 wbytes=0 rios=1 ...}; without the io controller there is no such file. */
        @Override
        Blocks blocks(Path group) throws IOException {
            Path file = root().resolve(group).resolve("io.stat");
            String stat = Files.exists(file) ? Files.readString(file) : "";
            return new Blocks(sum(READ, stat), sum(WRITTEN, stat));
        }

        private static long sum(Pattern pattern, String text) {
            return pattern.matcher(text)
                    .results()
                    .mapToLong(match -> Long.parseLong(match.group(1)))
                    .sum();
        }
    }
}
