package io.farrier.runtime.docker;

import io.farrier.sample.ContainerSample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** On Docker a pod is a container too, its sandbox, and only that one bears the labels that the pod was given. */
final class PodLabels {
    /** cri-dockerd: core/naming.go and core/labels.go. */
    private static final String SANDBOX_ID = "io.kubernetes.sandbox.id";

    private static final String ANNOTATION = "annotation.";

    private PodLabels() {}

    /** The same containers, those of pods with their pods' labels. */
    static List<ContainerSample> joined(List<ContainerSample> containers) {
        Map<String, Map<String, String>> byId = new HashMap<>();
        containers.forEach(container -> byId.put(container.id(), container.labels()));
        return containers.stream()
                .map(container -> {
                    Map<String, String> sandbox = byId.get(container.labels().getOrDefault(SANDBOX_ID, ""));
                    return sandbox == null ? container : container.withPodLabels(withoutAnnotations(sandbox));
                })
                .toList();
    }

    private static Map<String, String> withoutAnnotations(Map<String, String> labels) {
        Map<String, String> kept = new HashMap<>(labels);
        kept.keySet().removeIf(key -> key.startsWith(ANNOTATION));
        return kept;
    }
}
