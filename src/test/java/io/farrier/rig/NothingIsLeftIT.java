package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A practice node may be ended in any way: the machine is as it was before. */
class NothingIsLeftIT {

    private static final List<String> NAMESPACES = List.of("mnt", "net", "pid", "uts");
    private static final List<Path> FARRIERS_PLACES = List.of(
            Path.of("/etc/farrier"), Path.of("/etc/rancher"), Path.of("/var/lib/farrier"), Path.of("/run/farrier"));

    @Test
    void whenTheStarterIsKilled() throws IOException {
        assertNothingIsLeftAfter(node -> kill(Long.parseLong(node.fact("starter"))));
    }

    @Test
    void whenTheNodesFirstProcessIsKilled() throws IOException {
        assertNothingIsLeftAfter(node -> kill(Long.parseLong(node.fact("init"))));
    }

    @Test
    void whenItsStdinEnds() throws IOException {
        assertNothingIsLeftAfter(PracticeNode::close);
    }

    private static void assertNothingIsLeftAfter(EndOfNode end) throws IOException {
        Set<Path> placesBefore = existing(FARRIERS_PLACES);
        Traces traces;
        try (PracticeNode node = PracticeNode.up("left")) {
            runAContainer(node);
            traces = Traces.of(node);
            assertThat(traces.found()).as("what can be seen of a living node").hasSizeGreaterThan(10);

            end.of(node);

            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    .untilAsserted(() -> assertThat(traces.found()).isEmpty());
        }
        assertThat(existing(FARRIERS_PLACES)).isEqualTo(placesBefore);
    }

    private static void runAContainer(PracticeNode node) throws IOException {
        node.seed(PAUSE);
        Path folder = node.file("/etc/docker/certs.d").resolve(node.registry());
        Files.createDirectories(folder);
        Files.copy(node.registryCa(), folder.resolve("ca.crt"));
        node.docker("run", "--detach", "--network", "none", node.registry() + "/" + PAUSE)
                .succeeded();
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    private static Set<Path> existing(List<Path> paths) {
        return paths.stream().filter(Files::exists).collect(Collectors.toSet());
    }

    private interface EndOfNode {
        void of(PracticeNode node);
    }

    /** Everything by which one node can be seen from outside; others may come and go meanwhile. */
    private record Traces(Path directory, String link, String cgroup, Set<String> namespaces) {

        static Traces of(PracticeNode node) {
            Path init = Path.of("/proc", node.fact("init"), "ns");
            return new Traces(
                    node.directory(),
                    node.fact("link"),
                    node.cgroup().substring(1),
                    NAMESPACES.stream().map(name -> target(init.resolve(name))).collect(Collectors.toSet()));
        }

        Set<String> found() throws IOException {
            Set<String> found = new TreeSet<>();
            for (Path process : children(Path.of("/proc"), name -> name.matches("[0-9]+"))) {
                NAMESPACES.stream()
                        .map(name -> target(process.resolve("ns").resolve(name)))
                        .filter(namespaces::contains)
                        .forEach(namespace -> found.add("process " + process + " in " + namespace));
                if (text(process.resolve("cmdline")).contains(directory.toString())) {
                    found.add("process " + process + ": " + text(process.resolve("cmdline")));
                }
            }
            if (text(Path.of("/proc/self/mountinfo")).contains(directory.toString())) {
                found.add("mount below " + directory);
            }
            children(Path.of("/sys/class/net"), link::equals).forEach(it -> found.add("link " + it));
            for (Path hierarchy : children(Path.of("/sys/fs/cgroup"), name -> true)) {
                children(hierarchy, cgroup::equals).forEach(it -> found.add("cgroup " + it));
            }
            children(Path.of("/sys/fs/cgroup"), cgroup::equals).forEach(it -> found.add("cgroup " + it));
            return found;
        }

        private static List<Path> children(Path folder, Predicate<String> wanted) throws IOException {
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            try (Stream<Path> children = Files.list(folder)) {
                return children.filter(child -> wanted.test(child.getFileName().toString()))
                        .toList();
            }
        }

        // Processes end while we look at them.
        private static String target(Path link) {
            try {
                return Files.readSymbolicLink(link).toString();
            } catch (IOException e) {
                return "";
            }
        }

        private static String text(Path file) {
            try {
                return Files.readString(file).replace('\0', ' ');
            } catch (IOException e) {
                return "";
            }
        }
    }
}
