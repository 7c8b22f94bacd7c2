package io.farrier.logs;

import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import io.farrier.sample.ContainerSample;
import java.nio.file.Path;
import java.util.Map;

/** Where the lines of a file come from. */
record LogOrigin(String containerId, String container, Frame.Form form, Path path, Map<String, String> labels) {
    LogOrigin {
        labels = Map.copyOf(labels);
    }

    /** Docker's files end in {@code -json.log}, also where CRI names them through links of cri-dockerd. */
    static LogOrigin of(ContainerSample container, Path path) {
        Frame.Form form = path.getFileName().toString().endsWith("-json.log") ? Frame.Form.DOCKER : Frame.Form.CRI;
        return new LogOrigin(
                container.id(), SourceLabels.containerName(container), form, path, SourceLabels.of(container));
    }

    static LogOrigin of(Checkpoint.Entry entry) {
        return new LogOrigin(
                entry.containerId(), entry.container(), entry.form(), Path.of(entry.path()), entry.labels());
    }

    /** All that a hold's name tells, when a kill came before the first checkpoint. */
    static LogOrigin unknown(String containerId, Path hold) {
        return new LogOrigin(containerId, containerId, Frame.Form.DOCKER, hold, Map.of("container_id", containerId));
    }

    Frame.SourceOpened announce(SourceId id) {
        return new Frame.SourceOpened(id, form, container, labels);
    }
}
