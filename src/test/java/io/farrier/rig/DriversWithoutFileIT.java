package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real containers whose logging drivers leave no file that could be tailed. */
final class DriversWithoutFileIT {
    private static final String NODE = "no-file";
    private static final int LINES = 3000;
    private static final int LONG_BYTES = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final PracticeNode node = PracticeNode.named(NODE).suite(System.getProperty("farrier.suite", "host"));

    @Test
    void linesOfEveryDriverThatCanBeReadAreStoredOnceThroughKillsAndAnAbsentCollector() {
        try (TestCollector collector = TestCollector.beside(node)) {
            configure(collector);
            run("job-local", counting(0, 500), "--log-driver", "local");
            // UDP to nobody: dockerd keeps a cache of its own for the API.
            run(
                    "job-syslog",
                    counting(0, 500),
                    "--log-driver",
                    "syslog",
                    "--log-opt",
                    "syslog-address=udp://127.0.0.1:9");
            run("job-tty", counting(0, 500), "--log-driver", "local", "-t");
            try (RunningFarrier agent = node.startFarrier("agent")) {
                for (String job : jobs()) {
                    awaitLine(collector, job, 500);
                    go(job, 1500);
                }
                awaitLine(collector, "job-local", 1000);
                agent.kill();
            }
            try (RunningFarrier agent = node.startFarrier("agent")) {
                jobs().forEach(job -> awaitLine(collector, job, 1500));
                collector.kill();
                jobs().forEach(job -> go(job, LINES));
                await().atMost(PATIENCE).untilAsserted(() -> jobs().forEach(this::isFinished));
                // Long enough that it has the new lines in its files, which it does not tell twice.
                await().atMost(PATIENCE).until(() -> copiedBytes() > jobs().size() * LINES * 60L);
                agent.kill();
            }
            collector.restart();
            try (RunningFarrier agent = node.startFarrier("agent")) {
                jobs().forEach(job -> awaitLine(collector, job, LINES));
                for (String job : jobs()) {
                    assertThat(StoredNumbers.of(collector, NODE, job)).as(job).containsExactlyElementsOf(upTo(LINES));
                }
                assertThat(losses(collector)).isEmpty();

                jobs().forEach(job -> node.docker("rm", job).succeeded());
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(copies()).isEmpty());
                assertThat(losses(collector)).isEmpty();
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    @Test
    void aLongLineIsFoundWholeAndEachStreamIsTold() {
        try (TestCollector collector = TestCollector.beside(node)) {
            configure(collector);
            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("welcomed this node");
                run(
                        "job-long",
                        "i=0; echo -n BEGIN; while [ $i -lt 16384 ]; do i=$((i+1)); echo -n 0123456789abcdef0123456789abcdef"
                                + "0123456789abcdef0123456789abcde.; [ $((i % 500)) -ne 0 ] || echo beside >&2; done; echo END",
                        "--log-driver",
                        "local");

                JsonNode found = collector.awaitApi(
                        "/api/logs?node=" + NODE + "&container=job-long&q=BEGIN&limit=2",
                        seen -> seen.path("lines").size() == 1
                                && seen.path("lines")
                                        .get(0)
                                        .path("text")
                                        .asText()
                                        .endsWith("END"));
                assertThat(found.path("lines").get(0).path("text").asText())
                        .startsWith("BEGIN0123")
                        .hasSize(LONG_BYTES + "BEGIN".length() + "END".length());
                JsonNode beside = collector.awaitApi(
                        "/api/logs?node=" + NODE + "&container=job-long&q=beside&limit=100",
                        seen -> seen.path("lines").size() == 32);
                assertThat(beside.path("lines").get(0).path("stream").asText()).isEqualTo("stderr");
            }
        }
    }

    @Test
    void whatWasRemovedWhileNobodyReadIsDeclaredLostAndWhatIsKeptNowhereIsAFinding() {
        try (TestCollector collector = TestCollector.beside(node)) {
            configure(collector);
            run("job-gone", counting(0, 500), "--log-driver", "local");
            run("job-none", counting(0, 500), "--log-driver", "none");
            try (RunningFarrier agent = node.startFarrier("agent")) {
                awaitLine(collector, "job-gone", 500);
                collector.awaitApi(
                        "/api/nodes/" + NODE,
                        seen -> seen.path("findings").toString().contains("Lines of job-none are not shipped"));
                assertThat(node.farrier("logs", "--would-ship").out())
                        .containsPattern("job-gone +yes .*through Docker's API");
                agent.kill();
            }
            go("job-gone", LINES);
            await().atMost(PATIENCE).untilAsserted(() -> isFinished("job-gone"));
            node.docker("rm", "job-gone").succeeded();

            try (RunningFarrier agent = node.startFarrier("agent")) {
                JsonNode known = collector.awaitApi(
                        "/api/nodes/" + NODE, seen -> !seen.path("losses").isEmpty());
                assertThat(known.path("losses").toString())
                        .contains("removed before all of its log had been read from Docker", "job-gone");
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(copies()).isEmpty());
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    @Test
    void theLinesAreShownAndFollowedWithoutAnAgent() {
        node.configure("mode: observe\n");
        for (String job : List.of("job-local", "job-tty")) {
            run(job, counting(0, 500), "--log-driver", "local", job.endsWith("tty") ? "--tty" : "--tty=false");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(numbers(
                                    node.farrier("logs", job).succeeded().out()))
                            .containsExactlyElementsOf(upTo(500)));
            try (RunningFarrier follower = node.startFarrier("logs", "--follow", job)) {
                follower.says("line 500 of");
                go(job, LINES);
                // It ends by itself, because the container does.
                await().atMost(PATIENCE).until(() -> !follower.isAlive());
                assertThat(numbers(follower.output())).containsExactlyElementsOf(upTo(LINES));
            }
        }
        run("job-none", "exit 0", "--log-driver", "none");

        assertThat(node.farrier("logs", "job-none").err())
                .contains(
                        "job-none from Docker, for its logging driver leaves no file, but: ",
                        "does not support reading");
    }

    private static List<Long> numbers(String output) {
        return Pattern.compile("line (\\d+) of")
                .matcher(output)
                .results()
                .map(found -> Long.valueOf(found.group(1)))
                .toList();
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private void configure(TestCollector collector) {
        node.configure("mode: keep\nlogs: {include: [\"job-*\"]}\n" + collector.section());
    }

    private static List<String> jobs() {
        return List.of("job-local", "job-syslog", "job-tty");
    }

    private void run(String name, String script, String... options) {
        List<String> all = new ArrayList<>(List.of("-v", signs(name) + ":/go"));
        all.addAll(List.of(options));
        node.runScript(name, script, all.toArray(String[]::new));
    }

    /** Writes numbered lines, and goes on as far as a file says. */
    private static String counting(int from, int to) {
        return ("i=%d; to=%d; while true; do while [ $i -lt $to ]; do i=$((i+1));"
                        + " echo \"line $i of a job that logs to no file at all\"; done;"
                        + " [ $i -lt %d ] || exit 0; usleep 50000; [ ! -s /go/to ] || to=$(cat /go/to); done")
                .formatted(from, to, LINES);
    }

    private void go(String job, int to) {
        write(signs(job).resolve("to"), to + "\n");
    }

    /** A folder that the container sees. */
    private Path signs(String job) {
        try {
            return Files.createDirectories(node.directory().resolve("signs-" + job));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            // The container may read at any moment.
            Path whole = Files.writeString(file.resolveSibling("new"), text);
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void isFinished(String job) {
        assertThat(node.docker("inspect", "-f", "{{.State.Running}}", job).out().strip())
                .isEqualTo("false");
    }

    private static void awaitLine(TestCollector collector, String job, int number) {
        collector.awaitApi(
                "/api/logs?node=" + NODE + "&container=" + job + "&q=line+" + number + "+of&limit=1",
                seen -> seen.path("lines").size() == 1);
    }

    private static JsonNode losses(TestCollector collector) {
        return collector.api("/api/nodes/" + NODE).path("losses");
    }

    private long copiedBytes() {
        return copies().stream().mapToLong(file -> file.toFile().length()).sum();
    }

    private List<Path> copies() {
        Path folder = node.file("/var/lib/farrier/docker-logs");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().contains(".log")).toList();
        } catch (IOException none) {
            return List.of();
        }
    }
}
