package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictionThresholdsTest {
    @TempDir
    Path root;

    @Test
    void withoutAWordTheKubeletsOwnHold() {
        assertThat(EvictionThresholds.read(root)).isEqualTo(EvictionThresholds.DEFAULT);
    }

    @Test
    void readsAKubeletsFile() throws IOException {
        write(
                "var/lib/kubelet/config.yaml",
                "kind: KubeletConfiguration\nevictionHard:\n  memory.available: 40%\n  nodefs.available: \"20%\"\n");

        assertThat(EvictionThresholds.read(root)).isEqualTo(new EvictionThresholds(0.20, 0));
    }

    @Test
    void readsTheArgumentsOfK3sAndRke2() throws IOException {
        write(
                "etc/rancher/rke2/config.yaml",
                "kubelet-arg:\n  - eviction-hard=imagefs.available<5%,nodefs.available<12Gi\n");

        assertThat(EvictionThresholds.read(root)).isEqualTo(new EvictionThresholds(0.05, 12L << 30));
    }

    @Test
    void readsTheArgumentsOfAKubeletThatRuns() throws IOException {
        write("proc/4711/comm", "kubelet\n");
        write("proc/4711/cmdline", "kubelet\0--eviction-hard=nodefs.available<25%\0");
        write("proc/4712/comm", "sh\n");
        write("proc/4712/cmdline", "sh\0-c\0nodefs.available<90%\0");

        assertThat(EvictionThresholds.read(root)).isEqualTo(new EvictionThresholds(0.25, 0));
    }

    @Test
    void ofSeveralTheLargestCounts() {
        assertThat(EvictionThresholds.of(List.of("nodefs.available<10%", "{\"imagefs.available\":\"17.5%\"}")))
                .isEqualTo(new EvictionThresholds(0.175, 0));
    }

    @Test
    void keepsADistance() {
        assertThat(new EvictionThresholds(0.10, 0).floor(1_000)).isEqualTo(110);
        assertThat(new EvictionThresholds(0.10, 500).floor(1_000)).isEqualTo(510);
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
