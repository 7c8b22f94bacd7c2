package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SAFETY 10 on a real file system of its own: tmpfs in a mount namespace. */
final class HoldBudgetIT {
    private static final String MOUNT_AND_RUN = "mount -t tmpfs -o size=128m none \"$0\" && exec \"$@\"";

    @TempDir
    Path disk;

    @TempDir
    Path state;

    @ParameterizedTest(name = "by {0}")
    @ValueSource(strings = {HoldsOnSmallDisk.LINKS, HoldsOnSmallDisk.DESCRIPTORS})
    void whileNoCollectorAnswersHoldsNeverBringTheDiskToWhereTheKubeletEvicts(String means) throws Exception {
        Process process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        MOUNT_AND_RUN,
                        disk.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HoldsOnSmallDisk.class.getName(),
                        disk.toString(),
                        state.toString(),
                        means)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).endsWith("ok\n");
    }
}
