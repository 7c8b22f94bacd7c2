package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.testing.PackagedJava;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Up to a hundred containers a minute come, write fifty lines and go; each minute the agent's size is printed, and at the
 * end each line must be stored once, or its container be declared lost. Run by
 * {@code packaging/bench.sh churn [MINUTES]}, with the package's Java options.
 */
final class ChurnCampaign {
    private static final int MINUTES = Integer.getInteger("farrier.churn.minutes", 60);
    private static final int A_MINUTE = 100;
    private static final int LEAST_A_MINUTE = 90;
    private static final int LINES = 50;
    private static final String NODE = "churn";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The first minutes fill caches and the heap to its working size. */
    private static final int WARM_UP_MINUTES = 3;

    /** The spool grows by events that are acknowledged, and is written anew: its least size within this is what counts. */
    private static final int SAW_MINUTES = 12;

    @RegisterExtension
    final PracticeNode node = PracticeNode.named(NODE);

    private record Size(int containers, long rss, long descriptors, long state, long sources, long held) {
        static String head() {
            return "%8s %10s %9s %12s %12s %8s %6s"
                    .formatted("minute", "containers", "RSS MB", "descriptors", "state bytes", "sources", "held");
        }

        String row(String minute) {
            return "%8s %10d %9.1f %12d %12d %8d %6d"
                    .formatted(minute, containers, rss / 1e6, descriptors, state, sources, held);
        }
    }

    @Test
    void memoryDescriptorsAndStateStayWhereTheyWere() throws IOException {
        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure("mode: keep\nlogs: {include: [\"job-*\"]}\n" + collector.section());
            String image = node.busybox();
            try (RunningFarrier agent = node.startFarrierWith(PackagedJava.options("agent"), "agent")) {
                agent.says("welcomed this node");
                List<Size> sizes = new ArrayList<>();
                System.out.println(Size.head());
                print(sizes, agent, 0, "start");
                int made = 0;
                for (int minute = 1; minute <= MINUTES; minute++) {
                    made += aMinuteOfContainers(image, minute);
                    print(sizes, agent, made, Integer.toString(minute));
                }
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(held()).isZero());
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(sources()).isZero());
                print(sizes, agent, made, "end");

                Size before = sizes.get(Math.min(WARM_UP_MINUTES, MINUTES));
                Size after = sizes.get(sizes.size() - 1);
                assertThat(after.descriptors()).as("descriptors").isLessThanOrEqualTo(before.descriptors() + 8);
                assertThat(leastState(sizes.subList(Math.max(0, sizes.size() - SAW_MINUTES), sizes.size())))
                        .as("bytes of state")
                        .isLessThanOrEqualTo(
                                leastState(sizes.subList(0, Math.min(SAW_MINUTES, sizes.size()))) + (256 << 10));
                assertThat(after.rss()).as("RSS").isLessThanOrEqualTo(before.rss() + before.rss() / 10);
                assertThat(agent.isAlive()).isTrue();

                assertThat(made).as("containers").isGreaterThanOrEqualTo(MINUTES * LEAST_A_MINUTE);
                long unseen =
                        collector.api("/api/nodes/" + NODE).path("losses_total").asLong();
                Map<Long, Long> stored = StoredNumbers.ofJobs(collector, NODE).stream()
                        .collect(Collectors.groupingBy(number -> number, Collectors.counting()));
                assertThat(stored).as("each line of all the others once").isEqualTo(timesEach(made - unseen));
                assertThat(unseen).as("came and went unseen").isLessThanOrEqualTo(made / 500);
            }
        }
    }

    private static Map<Long, Long> timesEach(long containers) {
        return LongStream.rangeClosed(1, LINES).boxed().collect(Collectors.toMap(line -> line, line -> containers));
    }

    /** As many as fit into it; the others of its hundred are left out. */
    private int aMinuteOfContainers(String image, int minute) {
        String made = node.exec("sh", "-c", """
                        end=$(($(date +%%s) + 60)); n=0
                        while [ $n -lt %d ] && [ $(date +%%s) -lt $end ]; do
                            n=$((n + 1))
                            docker run -d --rm --name job-%d-$n --network none %s /bin/sh -c \
                                'i=0; while [ $i -lt %d ]; do i=$((i+1)); echo "line $i of a job"; done; usleep 300000' >/dev/null
                        done
                        while [ $(date +%%s) -lt $end ]; do sleep 0.2; done
                        echo $n
                        """.formatted(A_MINUTE, minute, image, LINES))
                .succeeded()
                .out();
        return Integer.parseInt(made.strip());
    }

    private void print(List<Size> sizes, RunningFarrier agent, int containers, String minute) throws IOException {
        Path proc = Path.of("/proc/" + agent.pid());
        Size size = new Size(
                containers,
                rss(proc),
                count(proc.resolve("fd")),
                bytes(node.file("/var/lib/farrier")),
                sources(),
                held());
        sizes.add(size);
        System.out.println(size.row(minute));
    }

    private static long rss(Path proc) throws IOException {
        return Files.readAllLines(proc.resolve("status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .findFirst()
                .orElseThrow();
    }

    private static long leastState(List<Size> sizes) {
        return sizes.stream()
                .filter(size -> size.containers() > WARM_UP_MINUTES * A_MINUTE)
                .mapToLong(Size::state)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        }
    }

    /** Files may go while they are counted. The collector's store beside the state grows by what it is there to keep. */
    private static long bytes(Path folder) throws IOException {
        long[] bytes = {0};
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes look) {
                return inner.equals(folder.resolve("collector"))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes look) {
                bytes[0] += look.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes[0];
    }

    private long sources() {
        try {
            JsonNode status = JSON.readTree(
                    node.farrier("status", "-o", "json").succeeded().out());
            return status.path("logs").path("sources").asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long held() {
        return node.exec("sh", "-c", "find " + node.directory() + "/data/farrier-held -type f 2>/dev/null; true")
                .out()
                .lines()
                .count();
    }

    /** The package's, without the paths of the package. */
}
