package io.farrier.runtime.containerd;

import io.farrier.node.NodeFiles;
import io.farrier.node.NodeFiles.Kind;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The containers of pods as the kubelet's log folders show them, for when the runtime does not answer: {@code
 * /var/log/pods/<namespace>_<pod>_<uid>/<container>/<attempt>.log} (kubernetes: pkg/kubelet/kuberuntime/helpers.go).
 */
public final class ContainersOnDisk {
    private static final Path PODS = Path.of("/var/log/pods");
    private static final Pattern POD = Pattern.compile("([^_]+)_([^_]+)_([^_]+)");
    private static final Pattern ATTEMPT = Pattern.compile("([0-9]{1,9})\\.log");

    private final NodeFiles files;

    public ContainersOnDisk(NodeFiles files) {
        this.files = files;
    }

    /** One for each attempt. Its id is the name of its file, because only the runtime knows the other one. */
    public List<ContainerSample> list() throws IOException {
        List<ContainerSample> found = new ArrayList<>();
        for (NodeFiles.Entry pod : files.list(PODS)) {
            Matcher name = POD.matcher(pod.name());
            if (pod.kind() == Kind.FOLDER && name.matches()) {
                addContainers(PODS.resolve(pod.name()), name, found);
            }
        }
        return found;
    }

    private void addContainers(Path pod, Matcher podName, List<ContainerSample> found) throws IOException {
        for (NodeFiles.Entry container : files.list(pod)) {
            if (container.kind() != Kind.FOLDER) {
                continue;
            }
            Path folder = pod.resolve(container.name());
            for (NodeFiles.Entry file : files.list(folder)) {
                Matcher attempt = ATTEMPT.matcher(file.name());
                if (attempt.matches()) {
                    found.add(sample(podName, container.name(), folder.resolve(file.name()), attempt.group(1)));
                }
            }
        }
    }

    private static ContainerSample sample(Matcher pod, String container, Path log, String attempt) {
        return ContainerSample.onlyNamed(
                pod.group(3) + "/" + container + "/" + attempt,
                container,
                "",
                Integer.parseInt(attempt),
                pod.group(1) + "/" + pod.group(2),
                null,
                log.toString(),
                Map.of("io.kubernetes.container.name", container));
    }
}
