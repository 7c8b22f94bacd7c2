package io.farrier.logs;

import io.farrier.sample.ContainerSample;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is said of a source once, so that no line has to say it. */
final class SourceLabels {
    /** The kubelet's own label; on Docker the container's name is {@code k8s_<container>_<pod>_<namespace>_...}. */
    private static final String KUBELET_CONTAINER_NAME = "io.kubernetes.container.name";

    /** Each is told with every source, and kept in the checkpoint. */
    private static final int MAX_LABELS = 16;

    private static final int MAX_LABEL_CHARS = 128;

    /** What the kubelet and cri-dockerd write for themselves. */
    private static final Pattern PLUMBING = Pattern.compile("(io\\.kubernetes\\.|annotation\\.|io\\.cri-containerd).*");

    private SourceLabels() {}

    static Map<String, String> of(ContainerSample container) {
        Map<String, String> labels = new TreeMap<>();
        labels.put("container_id", container.id());
        labels.put("image", container.image());
        put(labels, "role", container.role());
        if (container.pod() != null) {
            labels.put("namespace", namespace(container.pod()));
            labels.put("pod", container.pod().substring(container.pod().indexOf('/') + 1));
        }
        container.labels().entrySet().stream()
                .filter(label -> !PLUMBING.matcher(label.getKey()).matches())
                .sorted(Map.Entry.comparingByKey())
                .limit(MAX_LABELS)
                .forEach(label -> labels.put("label." + cut(label.getKey()), cut(label.getValue())));
        return labels;
    }

    private static String cut(String text) {
        return text.length() <= MAX_LABEL_CHARS ? text : text.substring(0, MAX_LABEL_CHARS);
    }

    static String containerName(ContainerSample container) {
        return container.labels().getOrDefault(KUBELET_CONTAINER_NAME, container.name());
    }

    static String namespace(String pod) {
        int slash = pod.indexOf('/');
        return slash < 0 ? "" : pod.substring(0, slash);
    }

    private static void put(Map<String, String> labels, String key, @Nullable String value) {
        if (value != null) {
            labels.put(key, value);
        }
    }
}
