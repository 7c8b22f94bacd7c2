package io.farrier.runtime.containerd;

import io.farrier.runtime.containerd.cri.ContainerState;
import io.farrier.runtime.containerd.cri.ContainerStatus;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.Health;
import io.farrier.sample.ContainerSample.State;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What ContainerStatus says, in our terms. */
final class ContainerReader {
    private static final long NANOS = 1_000_000_000L;

    private ContainerReader() {}

    static ContainerSample read(ContainerStatus seen) {
        Map<String, String> labels = seen.getLabelsMap();
        return new ContainerSample(
                seen.getId(),
                seen.getMetadata().getName(),
                seen.getImage().getImage(),
                state(seen.getState()),
                time(seen.getStartedAt()),
                time(seen.getFinishedAt()),
                seen.getExitCode(),
                seen.getReason().equals("OOMKilled"),
                seen.getMetadata().getAttempt(),
                Health.NONE,
                pod(labels),
                null,
                seen.getLogPath().isEmpty() ? null : seen.getLogPath(),
                0,
                labels);
    }

    private static State state(ContainerState state) {
        return switch (state) {
            case CONTAINER_CREATED -> State.CREATED;
            case CONTAINER_RUNNING -> State.RUNNING;
            case CONTAINER_EXITED -> State.EXITED;
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> State.UNKNOWN;
        };
    }

    /** Nanoseconds since the epoch, 0 for never. */
    private static Optional<Instant> time(long nanos) {
        return nanos <= 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS));
    }

    private static @Nullable String pod(Map<String, String> labels) {
        String pod = labels.get("io.kubernetes.pod.name");
        String namespace = labels.get("io.kubernetes.pod.namespace");
        return pod == null || namespace == null ? null : namespace + "/" + pod;
    }
}
