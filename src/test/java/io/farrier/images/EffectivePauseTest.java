package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.node.CommandLines;
import io.farrier.testing.FakeRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EffectivePauseTest {
    private static final Reference OURS = Reference.parse("registry.example:5000/rancher/mirrored-pause:3.7");

    @TempDir
    Path proc;

    private final FakeRuntime runtime = new FakeRuntime();

    @Test
    void containerdSaysItItselfAndTheKubeletsFlagIsIgnoredThere() throws IOException {
        process(900, "kubelet", "kubelet", "--pod-infra-container-image=rancher/mirrored-pause:3.6");
        runtime.isContainerd(OURS.toString());

        assertThat(found()).contains(OURS);
    }

    @Test
    void forDockerItIsWhatTheRunningKubeletWasStartedWith() throws IOException {
        runtime.isDocker();
        process(1, "systemd", "/sbin/init");
        process(900, "kubelet", "kubelet", "--v=2", "--pod-infra-container-image=" + OURS, "--fail-swap-on=false");

        assertThat(found()).contains(OURS);
    }

    @Test
    void criDockerdCountsMoreThanTheKubelet() throws IOException {
        runtime.isDocker();
        process(900, "kubelet", "kubelet", "--pod-infra-container-image=rancher/mirrored-pause:3.6");
        process(901, "cri-dockerd", "cri-dockerd", "--pod-infra-container-image", OURS.toString());

        assertThat(found()).contains(OURS);
    }

    @Test
    void whatNobodySaysIsNotGuessed() throws IOException {
        runtime.isDocker();
        process(900, "kubelet", "kubelet", "--pod-infra-container-image=NOT A NAME");
        process(901, "dockerd", "dockerd", "--pod-infra-container-image=" + OURS);

        assertThat(found()).isEmpty();
    }

    @Test
    void itIsWantedUnderItsExactNameAndBeforeAllOthers() {
        WantedImages wanted = WantedImages.of(
                        List.of(Reference.parse("rancher/kubectl:v1"), Reference.parse("rancher/pause:3.1")),
                        List.of(),
                        Optional.of(RegistryHost.parse("registry.example:5000")))
                .withPause(Reference.parse("rancher/mirrored-pause:3.6"));

        assertThat(wanted.references())
                .extracting(Reference::toString)
                .containsExactly(
                        "docker.io/rancher/mirrored-pause:3.6",
                        "registry.example:5000/rancher/pause:3.1",
                        "registry.example:5000/rancher/kubectl:v1");
    }

    private Optional<Reference> found() throws IOException {
        return new EffectivePause(runtime, new CommandLines(proc)).find();
    }

    private void process(int pid, String comm, String... arguments) throws IOException {
        Path folder = Files.createDirectories(proc.resolve(String.valueOf(pid)));
        Files.writeString(folder.resolve("comm"), comm + "\n");
        Files.writeString(folder.resolve("cmdline"), String.join("\0", arguments) + "\0");
    }
}
