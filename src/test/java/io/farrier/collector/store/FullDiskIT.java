package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real full disk: a file system of a few megabytes in a mount namespace of its own. */
final class FullDiskIT {
    private static final String MOUNT_AND_RUN = "mount -t tmpfs -o size=8m none \"$0\" && exec \"$@\"";

    @TempDir
    Path folder;

    @Test
    void acksStopAndNothingAcknowledgedIsLost() throws Exception {
        Process process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        MOUNT_AND_RUN,
                        folder.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreOnFullDisk.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).endsWith("ok\n");
    }
}
