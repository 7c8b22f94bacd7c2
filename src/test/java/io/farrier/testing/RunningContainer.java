package io.farrier.testing;

import io.farrier.sample.ContainerSample;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A container of which a test only has to say who it is and where it logs. */
public final class RunningContainer {
    private RunningContainer() {}

    /**
     * @param pod {@code namespace/name}, null outside Kubernetes
     * @param role of an RKE component, null for a workload
     * @param log null when its driver leaves no file
     */
    public static ContainerSample of(
            String id, String name, String image, @Nullable String pod, @Nullable String role, @Nullable String log) {
        return in(ContainerSample.State.RUNNING, id, name, image, pod, role, log);
    }

    /** The same in another state. */
    public static ContainerSample in(
            ContainerSample.State state,
            String id,
            String name,
            String image,
            @Nullable String pod,
            @Nullable String role,
            @Nullable String log) {
        return new ContainerSample(
                id,
                name,
                image,
                state,
                Optional.empty(),
                Optional.empty(),
                0,
                false,
                0,
                ContainerSample.Health.NONE,
                pod,
                role,
                log,
                0,
                Map.of());
    }

    /** The same, whose log files are put aside at this size. */
    public static ContainerSample withLogFiles(ContainerSample of, long bytes) {
        return new ContainerSample(
                of.id(),
                of.name(),
                of.image(),
                of.state(),
                of.startedAt(),
                of.finishedAt(),
                of.exitCode(),
                of.oomKilled(),
                of.restarts(),
                of.health(),
                of.pod(),
                of.role(),
                of.logPath(),
                bytes,
                of.labels());
    }
}
