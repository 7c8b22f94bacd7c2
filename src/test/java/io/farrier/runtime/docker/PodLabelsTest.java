package io.farrier.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.RunningContainer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodLabelsTest {
    /** As cri-dockerd makes a pod of one container. */
    @Test
    void aContainerHasTheLabelsOfItsPodBesideItsOwn() {
        ContainerSample sandbox = labelled(
                "sandbox", Map.of("app", "web", "annotation.note", "long", "io.kubernetes.container.name", "POD"));
        ContainerSample web =
                labelled("web", Map.of("io.kubernetes.sandbox.id", "sandbox", "io.kubernetes.container.name", "web"));
        ContainerSample kubelet = labelled("kubelet", Map.of());

        List<ContainerSample> joined = PodLabels.joined(List.of(web, sandbox, kubelet));

        assertThat(joined.get(0).labels())
                .isEqualTo(Map.of(
                        "app", "web", "io.kubernetes.sandbox.id", "sandbox", "io.kubernetes.container.name", "web"));
        assertThat(joined.subList(1, 3)).containsExactly(sandbox, kubelet);
    }

    private static ContainerSample labelled(String id, Map<String, String> labels) {
        return RunningContainer.of(id, id, "image:1", null, null, null).withPodLabels(labels);
    }
}
