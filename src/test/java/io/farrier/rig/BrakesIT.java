package io.farrier.rig;

import static io.farrier.testing.PracticeNode.KUBECTL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.FileWatch;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The brakes, on an agent that runs and would act within seconds (SAFETY 2, 3, 21). */
final class BrakesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Longer than the agent looks at its files twice. */
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(6);

    /** More at once than the socket serves, all of them JVMs. */
    private static final int ORDERS = 6;

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("brakes").seeded(KUBECTL);

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
            servesManyOrdersOneAfterTheOther(ca);
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
