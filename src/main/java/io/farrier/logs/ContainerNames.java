package io.farrier.logs;

import io.farrier.sample.ContainerSample;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which container people mean: by name, by {@code pod/container}, {@code namespace/pod/container}, or by id. */
public final class ContainerNames {
    /** Docker shows twelve; fewer than four are rather a name. */
    private static final int MIN_ID_CHARS = 4;

    private static final Pattern DOCKER_ATTEMPT = Pattern.compile("k8s_.*_([0-9]{1,9})");

    private ContainerNames() {}

    /** {@code namespace/pod/container}, or Docker's name. */
    public static String full(ContainerSample container) {
        String name = SourceLabels.containerName(container);
        return container.pod() == null ? name : container.pod() + "/" + name;
    }

    /** All that may be meant; of several attempts of one container the latest, because it leads to the earlier ones. */
    public static List<ContainerSample> meant(String wanted, List<ContainerSample> containers) {
        List<ContainerSample> named = containers.stream()
                .filter(container -> isName(wanted, container))
                .toList();
        List<ContainerSample> meant = named.isEmpty()
                ? containers.stream()
                        .filter(container -> wanted.length() >= MIN_ID_CHARS
                                && container.id().startsWith(wanted))
                        .toList()
                : named;
        Map<String, ContainerSample> latest = new LinkedHashMap<>();
        meant.stream()
                .sorted(Comparator.comparingInt(ContainerNames::attempt).reversed())
                .forEach(container ->
                        latest.putIfAbsent(container.pod() == null ? container.id() : full(container), container));
        return List.copyOf(latest.values());
    }

    /** On Docker each attempt is a container: {@code k8s_<container>_<pod>_<namespace>_<uid>_<attempt>}. */
    private static int attempt(ContainerSample container) {
        Matcher docker = DOCKER_ATTEMPT.matcher(container.name());
        return docker.matches() ? Integer.parseInt(docker.group(1)) : container.restarts();
    }

    private static boolean isName(String wanted, ContainerSample container) {
        String full = full(container);
        return wanted.equals(full)
                || wanted.equals(container.name())
                || wanted.equals(container.id())
                || full.endsWith("/" + wanted);
    }
}
