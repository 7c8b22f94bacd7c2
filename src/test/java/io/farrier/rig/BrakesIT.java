package io.farrier.rig;

import static io.farrier.testing.PracticeNode.KUBECTL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.agent.AgentUnavailableException;
import io.farrier.agent.ControlClient;
import io.farrier.agent.Verb;
import io.farrier.testing.FileWatch;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The brakes, on an agent that runs and would act within seconds (SAFETY 2, 3, 21). */
final class BrakesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Longer than the agent looks at its files twice. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(6);

    /** All of them JVMs of half a CPU-second each. More: {@code -Dfarrier.orders=100}. */
    private static final int ORDERS = Integer.getInteger("farrier.orders", 6);

    /** More at once than the socket serves, through one JVM. */
    private static final int SOCKET_ORDERS = 100;

    /** Every so many bytes the configuration is cut; each: {@code -Dfarrier.cut.every=1}. */
    private static final int CUT_EVERY = Integer.getInteger("farrier.cut.every", 9);

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("brakes")
            .seeded(KUBECTL)
            // A hundred JVMs on two cores all end late.
            .patience(PATIENCE.plusSeconds(5L * ORDERS));

    @Test
    void nothingBeginsWhilePausedAndAbsenceTakesNothingAndThereIsOneWriter() throws Exception {
        String image = node.registry() + "/" + KUBECTL;
        Path ca = node.file("/etc/docker/certs.d/" + node.registry() + "/ca.crt");
        String config = "mode: keep\nregistries: [{host: '" + node.registry()
                + "', ca: certs/registry-ca.crt}]\nimages: {keep: ['" + image
                + "']}\nintervals: {reconcile: 1s, health: 2s, images: 1s}\nchanges: {spread: none}\n";
        node.configure(config);
        try (RunningFarrier agent = node.startFarrier("agent")) {
            await().atMost(PATIENCE)
                    .until(() -> node.docker("image", "inspect", image).exit() == 0);

            isPausedAsLongAsItSays(image, ca);
            takesNothingForAnEmptyFile(agent, config, ca);
            takesNothingWhereverTheFileIsCut(config, ca, image);
            servesManyOrdersOneAfterTheOther(ca);
            servesAHundredOrdersThroughItsSocketWhileFilesChangeUnderIt(ca);
        }
    }

    private void isPausedAsLongAsItSays(String image, Path ca) throws Exception {
        node.farrier("pause", "--reason", "etcd moves").exited(0);
        node.docker("rmi", image).succeeded();
        Files.delete(ca);
        try (FileWatch watch = FileWatch.on(List.of(node.file("/etc/docker")), path -> false)) {
            assertThat(watch.writtenWithin(LONG_ENOUGH))
                    .as("writes while paused")
                    .isEmpty();
        }
        assertThat(node.docker("image", "inspect", image).exit()).isEqualTo(1);
        assertThat(node.farrier("status").out()).contains("paused", "etcd moves");
        assertThat(node.farrier("apply").exited(4).out()).contains("it is paused by /etc/farrier/paused");
        assertThat(node.farrier("images", "pull").exited(4).err()).contains("it is paused by /etc/farrier/paused");
        assertThat(node.farrier("restore").exited(4).out()).contains("it is paused by");

        node.farrier("resume").exited(0);
        await("what went during the pause is back")
                .atMost(PATIENCE)
                .until(() -> Files.exists(ca)
                        && node.docker("image", "inspect", image).exit() == 0);
    }

    private void takesNothingForAnEmptyFile(RunningFarrier agent, String config, Path ca) throws IOException {
        node.configure("mode: keep\n");
        agent.says("'registries' named 1 and names none any more");
        assertThat(node.farrier("apply").exited(1).err()).contains("farrier apply --allow-removal");
        assertThat(ca).exists();
        assertThat(node.farrier("apply", "--allow-removal").exited(0).out()).contains("applied");
        assertThat(ca).doesNotExist();
        node.configure(config);
        await().atMost(PATIENCE).until(() -> Files.exists(ca));
    }

    /** SAFETY 3: the agent looks at each piece, at its own pace and when it is asked to apply it. */
    private void takesNothingWhereverTheFileIsCut(String config, Path ca, String image) throws Exception {
        ControlClient client = new ControlClient(node.file("/run/farrier/agent.sock"));
        int changesBefore = changes().size();
        // What is cut behind that is a configuration like another.
        int endOfImages = config.indexOf("\nintervals:");
        try (FileWatch watch = FileWatch.on(List.of(node.file("/etc/docker")), path -> false)) {
            for (int length = 0; length < config.length(); length += CUT_EVERY) {
                node.configure(config.substring(0, length));
                boolean isRefused = isRefused(client);
                assertThat(isRefused || length >= endOfImages)
                        .as("refused when cut at %d", length)
                        .isTrue();
            }
            assertThat(watch.writtenWithin(Duration.ofSeconds(2))).isEmpty();
        }
        node.configure(config);
        client.ask(Verb.APPLY, line -> {});

        assertThat(ca).exists();
        assertThat(changes())
                .as("nothing was taken, nothing had to be given back")
                .hasSize(changesBefore);
        assertThat(node.docker("image", "inspect", image).exit()).isZero();
    }

    private static boolean isRefused(ControlClient client) throws AgentUnavailableException {
        try {
            client.ask(Verb.APPLY, line -> {});
            return false;
        } catch (AgentUnavailableException gone) {
            throw gone;
        } catch (IOException refused) {
            return true;
        }
    }

    /**
     * As the command line speaks; who finds the socket full asks again. The file may be taken away in the very moment it was
     * written: that is said (diverged), and is no fault of another order.
     */
    private void servesAHundredOrdersThroughItsSocketWhileFilesChangeUnderIt(Path ca) throws Exception {
        ControlClient client = new ControlClient(node.file("/run/farrier/agent.sock"));
        List<String> outcomes = Collections.synchronizedList(new ArrayList<>());
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        int changesBefore = changes().size();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < SOCKET_ORDERS; i++) {
            Thread caller = new Thread(() -> order(client, outcomes, failures));
            caller.start();
            callers.add(caller);
        }
        int deleted = 0;
        while (callers.stream().anyMatch(Thread::isAlive)) {
            deleted += Files.deleteIfExists(ca) ? 1 : 0;
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }

        assertThat(failures).isEmpty();
        assertThat(outcomes)
                .hasSize(SOCKET_ORDERS)
                .allSatisfy(told -> assertThat(told)
                        .contains("docker/certs.d")
                        .doesNotContainIgnoringCase("stale")
                        .doesNotContain("changed while farrier planned"));
        assertThat(deleted).as("times the file was taken away").isPositive();
        node.farrier("apply").exited(0);
        assertThat(ca).exists();
        // Each transaction leaves one line, in the order in which they came; no two of them can have the same file to
        // add.
        List<JsonNode> changes = changes();
        assertThat(changes.size() - changesBefore).isBetween(1, deleted + 1);
        assertThat(changes).extracting(change -> change.path("at").asText()).isSorted();
        assertThat(node.file("/var/lib/farrier/ledger/open-change")).doesNotExist();
        System.out.println(SOCKET_ORDERS + " orders at once, " + deleted + " drifts, "
                + (changes.size() - changesBefore) + " transactions");
    }

    private static void order(ControlClient client, List<String> outcomes, List<String> failures) {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                StringBuilder told = new StringBuilder();
                client.ask(Verb.APPLY, line -> told.append(line).append('\n'));
                outcomes.add(told.toString());
                return;
            } catch (AgentUnavailableException full) {
                if (Instant.now().isAfter(end)) {
                    failures.add("not served within " + PATIENCE + ": " + full.getMessage());
                    return;
                }
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            } catch (IOException refused) {
                failures.add(refused.getMessage());
                return;
            }
        }
    }

    private List<JsonNode> changes() throws IOException {
        String history = node.farrier("history", "-o", "json").exited(0).out();
        List<JsonNode> changes = new ArrayList<>();
        new ObjectMapper().readTree(history).path("history").forEach(change -> {
            if (change.toString().contains("\"applied\"")) {
                changes.add(change);
            }
        });
        return changes;
    }

    private void servesManyOrdersOneAfterTheOther(Path ca) throws Exception {
        Files.delete(ca);
        List<Thread> callers = new ArrayList<>();
        List<String> answers = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < ORDERS; i++) {
            Thread caller = new Thread(() -> {
                var result = node.farrier("apply");
                answers.add(result.exit() + " " + result.out() + result.err());
            });
            caller.start();
            callers.add(caller);
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(answers)
                .hasSize(ORDERS)
                .allSatisfy(answer -> assertThat(answer)
                        .startsWith("0 ")
                        .doesNotContainIgnoringCase("stale")
                        .doesNotContain("changed while farrier planned"));
        assertThat(ca).exists();
    }
}
