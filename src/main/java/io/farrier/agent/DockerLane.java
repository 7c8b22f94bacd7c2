package io.farrier.agent;

import io.farrier.logs.docker.ContainerCopies;
import io.farrier.sample.ContainerSample;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/** The thread of the logs that only Docker's API has. The tail says of which containers, and reads what comes of it. */
final class DockerLane {
    private final ContainerCopies copies;
    private final CopyLane lane;

    DockerLane(ContainerCopies copies, LongSupplier nanos, Log log) {
        this.copies = copies;
        this.lane = new CopyLane("docker-logs", "containers whose logging driver leaves no file", copies, nanos, log);
    }

    CopyLane lane() {
        return lane;
    }

    /** The containers as they are now; see {@link ContainerCopies#containers}. */
    void containers(List<ContainerSample> wanted, Set<String> outOfScope) {
        copies.containers(wanted, outOfScope);
        lane.wake();
    }

    Set<String> unread() {
        return copies.unread();
    }
}
