package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.command.HealthState;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.model.ContainerConfig;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.Health;
import io.farrier.sample.ContainerSample.State;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What inspect says, in our terms. */
final class ContainerReader {
    /** Set by RKE on its long-running containers; old versions and helpers are known by name only (rke:services). */
    private static final String RKE_LABEL = "io.rancher.rke.container.name";

    private static final Set<String> RKE_NAMES = Set.of(
            "kubelet",
            "kube-proxy",
            "service-sidekick",
            "nginx-proxy",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "etcd",
            "etcd-rolling-snapshots",
            "rke-log-linker",
            "rke-log-cleaner",
            "cert-deployer",
            "cert-fetcher",
            "etcd-fix-perm",
            "etcd-snapshot-once",
            "etcd-restore",
            "etcd-download-backup",
            "etcd-Serve-backup",
            "etcd-checksum-checker",
            "etcd-extract-statefile",
            "etcd-remove-snapshot",
            "extract-statefile-configmap",
            "rke-etcd-port-listener",
            "rke-cp-port-listener",
            "rke-worker-port-listener");

    private ContainerReader() {}

    static ContainerSample read(InspectContainerResponse seen) {
        String name = Objects.requireNonNullElse(seen.getName(), "").replaceFirst("^/", "");
        Map<String, String> labels = labels(seen.getConfig());
        @Nullable ContainerState state = seen.getState();
        return new ContainerSample(
                Objects.requireNonNullElse(seen.getId(), ""),
                name,
                image(seen.getConfig()),
                state == null ? State.UNKNOWN : state(state.getStatus()),
                time(state == null ? null : state.getStartedAt()),
                time(state == null ? null : state.getFinishedAt()),
                state == null || state.getExitCodeLong() == null
                        ? 0
                        : state.getExitCodeLong().intValue(),
                state != null && Boolean.TRUE.equals(state.getOOMKilled()),
                Objects.requireNonNullElse(seen.getRestartCount(), 0),
                health(state == null ? null : state.getHealth()),
                pod(name, labels),
                role(name, labels),
                logPath(seen.getLogPath()),
                LogFileSize.of(seen.getHostConfig()),
                labels);
    }

    /** @param attributes of an event: name, image, and the labels beside them */
    static ContainerSample read(String id, JsonNode attributes) {
        Map<String, String> labels = new TreeMap<>();
        attributes
                .fields()
                .forEachRemaining(
                        field -> labels.put(field.getKey(), field.getValue().asText()));
        String name = Objects.requireNonNullElse(labels.remove("name"), id);
        String image = Objects.requireNonNullElse(labels.remove("image"), "");
        return ContainerSample.onlyNamed(id, name, image, 0, pod(name, labels), role(name, labels), null, labels);
    }

    private static Map<String, String> labels(@Nullable ContainerConfig config) {
        Map<String, String> labels = config == null ? null : config.getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static String image(@Nullable ContainerConfig config) {
        return config == null ? "" : Objects.requireNonNullElse(config.getImage(), "");
    }

    private static State state(@Nullable String status) {
        return switch (Objects.requireNonNullElse(status, "")) {
            case "created" -> State.CREATED;
            case "running" -> State.RUNNING;
            case "paused" -> State.PAUSED;
            case "restarting" -> State.RESTARTING;
            case "exited" -> State.EXITED;
            case "dead" -> State.DEAD;
            default -> State.UNKNOWN;
        };
    }

    private static Health health(@Nullable HealthState health) {
        return switch (health == null ? "" : Objects.requireNonNullElse(health.getStatus(), "")) {
            case "starting" -> Health.STARTING;
            case "healthy" -> Health.HEALTHY;
            case "unhealthy" -> Health.UNHEALTHY;
            default -> Health.NONE;
        };
    }

    /** dockerd writes {@code 0001-01-01T00:00:00Z} for never. */
    private static Optional<Instant> time(@Nullable String text) {
        if (text == null || text.isEmpty() || text.startsWith("0001-01-01")) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException strange) {
            return Optional.empty();
        }
    }

    /** By cri-dockerd's labels, else by its names: {@code k8s_<container>_<pod>_<namespace>_<uid>_<attempt>}. */
    static @Nullable String pod(String name, Map<String, String> labels) {
        String pod = labels.get("io.kubernetes.pod.name");
        String namespace = labels.get("io.kubernetes.pod.namespace");
        if (pod != null && namespace != null) {
            return namespace + "/" + pod;
        }
        String[] parts = name.split("_", -1);
        return parts.length == 6 && parts[0].equals("k8s") ? parts[3] + "/" + parts[2] : null;
    }

    static @Nullable String role(String name, Map<String, String> labels) {
        String label = labels.get(RKE_LABEL);
        if (label != null && !label.isEmpty()) {
            return label;
        }
        return RKE_NAMES.contains(name) ? name : null;
    }

    /** Empty for drivers without a file that may be read: local, journald, none. */
    private static @Nullable String logPath(@Nullable String path) {
        return path == null || path.isEmpty() ? null : path;
    }
}
