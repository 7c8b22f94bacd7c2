package io.farrier.sample;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One container as its runtime shows it.
 *
 * @param id the runtime's full id
 * @param name as operators know it: Docker's name without the slash, CRI's {@code container.metadata.name}
 * @param image as the container was created with it
 * @param restarts as the runtime counts them; on CRI the attempt
 * @param pod {@code namespace/pod}, null for a container that is no pod's
 * @param role the RKE role such as {@code etcd} or {@code kubelet}, null for anything else
 * @param logPath the log file the runtime writes, null where it writes none that can be read
 * @param logFileBytes a log file that has come to this size is full and put aside for the next one; {@link
 *     #UNBOUNDED} when none is, 0 when nobody knows
 * @param labels its own and those of its pod, as far as the runtime knows them
 */
public record ContainerSample(
        String id,
        String name,
        String image,
        State state,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        int exitCode,
        boolean oomKilled,
        int restarts,
        Health health,
        @Nullable String pod,
        @Nullable String role,
        @Nullable String logPath,
        long logFileBytes,
        Map<String, String> labels) {
    public static final long UNBOUNDED = Long.MAX_VALUE;

    public enum State {
        CREATED,
        RUNNING,
        PAUSED,
        RESTARTING,
        EXITED,
        DEAD,
        UNKNOWN
    }

    /** Docker's health check; CRI knows none. */
    public enum Health {
        NONE,
        STARTING,
        HEALTHY,
        UNHEALTHY
    }

    public ContainerSample {
        labels = Map.copyOf(labels);
    }

    /** One that no runtime was asked about: who it is, and not how. */
    public static ContainerSample onlyNamed(
            String id,
            String name,
            String image,
            int restarts,
            @Nullable String pod,
            @Nullable String role,
            @Nullable String logPath,
            Map<String, String> labels) {
        return new ContainerSample(
                id,
                name,
                image,
                State.UNKNOWN,
                Optional.empty(),
                Optional.empty(),
                0,
                false,
                restarts,
                Health.NONE,
                pod,
                role,
                logPath,
                0,
                labels);
    }

    /** The same with labels of its pod beside its own, which win. */
    public ContainerSample withPodLabels(Map<String, String> ofPod) {
        Map<String, String> both = new HashMap<>(ofPod);
        both.putAll(labels);
        return new ContainerSample(
                id,
                name,
                image,
                state,
                startedAt,
                finishedAt,
                exitCode,
                oomKilled,
                restarts,
                health,
                pod,
                role,
                logPath,
                logFileBytes,
                both);
    }
}
