package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An agent that is killed again and again leaves the node alone (SAFETY 13): real jar, real dockerd. */
final class SafeModeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int CRASHES = 5;
    private static final int MAX_ATTEMPTS = 3;
    private static final int MORE_REGISTRIES = 40;

    /** As many as are an accident no more; see {@code Starts}. */
    private static final int ABNORMAL_EXITS = 3;

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("safe-mode").seeded(PAUSE);

    @Test
    void anAgentThatDiesInEveryChangeTouchesTheNodeNoMoreThanThreeTimesAndGoesOnWhenTold() throws IOException {
        Path openChange = node.file("/var/lib/farrier/ledger/open-change");
        Path ca = node.file("/etc/docker/certs.d/" + node.registry() + "/ca.crt");
        // So many files that whoever looks every millisecond meets the change in its middle.
        String more = IntStream.range(0, MORE_REGISTRIES)
                .mapToObj(i -> ", {host: 'more" + i + ".practice:5000', ca: certs/registry-ca.crt}")
                .collect(Collectors.joining());
        node.configure("mode: keep\nregistries: [{host: '" + node.registry() + "', ca: certs/registry-ca.crt}" + more
                + "]\n"
                + "docker: {daemon_json: {live-restore: true}}\n"
                + "intervals: {reconcile: 1s, health: 2s}\nchanges: {spread: none}\n");
        int attempts = 0;
        for (int crash = 0; crash < CRASHES; crash++) {
            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("starts on");
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> Files.exists(openChange) || agent.output().contains("safe mode"));
                attempts += Files.exists(openChange) ? 1 : 0;
                agent.kill();
            }
            // As the unit does before each start.
            if (Files.exists(openChange)) {
                assertThat(node.farrier("recover").exited(5).err()).contains("farrier resume");
            }
            assertThat(ca).as("undone after crash %d", crash).doesNotExist();
        }
        assertThat(attempts).isBetween(1, MAX_ATTEMPTS);

        try (RunningFarrier agent = node.startFarrier("agent")) {
            agent.says("The agent only watches: the agent is in safe mode since ");
            await().atMost(PATIENCE).until(() -> node.farrier("status").out().contains("The agent is in safe mode"));
            assertThat(node.farrier("doctor").exited(3).out()).contains("farrier resume");
            assertThat(node.farrier("plan").exited(2).out()).contains("ca.crt");
            assertThat(ca).doesNotExist();

            assertThat(node.farrier("resume").exited(0).out()).contains("the agent was in safe mode since");
            await("what safe mode held back").atMost(PATIENCE).until(() -> Files.exists(ca));
            assertThat(node.farrier("wait", "--ready", "--timeout", "1s")
                            .exited(3)
                            .out())
                    .startsWith("Waits: ");
            assertThat(agent.stop()).isEqualTo(143);
        }
    }

    @Test
    void anAgentThatIsKilledThreeTimesBetweenChangesOnlyWatchesFromThenOn() throws IOException {
        Path openChange = node.file("/var/lib/farrier/ledger/open-change");
        Path ca = node.file("/etc/docker/certs.d/" + node.registry() + "/ca.crt");
        Path other = node.file("/etc/docker/certs.d/other.practice:5000/ca.crt");
        node.configure(trusting(node.registry()));
        for (int exit = 0; exit < ABNORMAL_EXITS; exit++) {
            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("starts on");
                await().atMost(PATIENCE).until(() -> Files.exists(ca) && !Files.exists(openChange));
                assertThat(agent.output()).doesNotContain("safe mode");
                agent.kill();
            }
        }
        node.configure(trusting(node.registry(), "other.practice:5000"));

        try (RunningFarrier agent = node.startFarrier("agent")) {
            agent.says("it ended 3 times within 10 minutes without being told to");
            await().atMost(PATIENCE).until(() -> node.farrier("status").out().contains("The agent is in safe mode"));
            assertThat(node.farrier("plan").exited(2).out()).contains("other.practice:5000/ca.crt");
            assertThat(other).doesNotExist();
            assertThat(ca).exists();

            node.farrier("resume").exited(0);
            await("what safe mode held back").atMost(PATIENCE).until(() -> Files.exists(other));
            assertThat(agent.stop()).isEqualTo(143);
        }
    }

    private static String trusting(String... registries) {
        String list = Arrays.stream(registries)
                .map(host -> "{host: '" + host + "', ca: certs/registry-ca.crt}")
                .collect(Collectors.joining(", "));
        return "mode: keep\nregistries: [" + list + "]\n"
                + "intervals: {reconcile: 1s, health: 2s}\nchanges: {spread: none}\n";
    }
}
