package io.farrier.logs;

import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/**
 * Where the lines of a file come from.
 *
 * @param fileBytes at this size a file is put aside for the next one; 0 when nobody knows
 */
record LogOrigin(
        String containerId, String container, Frame.Form form, Path path, long fileBytes, Map<String, String> labels) {
    /** No container's id begins so. */
    private static final String FILE = "file.";

    LogOrigin {
        labels = Map.copyOf(labels);
    }

    /** Docker's files end in {@code -json.log}, also where CRI names them through links of cri-dockerd. */
    static LogOrigin of(ContainerSample container, Path path) {
        Frame.Form form = path.getFileName().toString().endsWith("-json.log") ? Frame.Form.DOCKER : Frame.Form.CRI;
        return of(container, form, path);
    }

    private static LogOrigin of(ContainerSample container, Frame.Form form, Path path) {
        return new LogOrigin(
                container.id(),
                SourceLabels.containerName(container),
                form,
                path,
                container.logFileBytes(),
                SourceLabels.of(container));
    }

    /** What Docker's API told is written in the form of CRI. */
    static LogOrigin ofCopy(ContainerSample container, Path path) {
        return of(container, Frame.Form.CRI, path);
    }

    /** The same of a container that is gone, and that nothing remembers. */
    static LogOrigin ofCopy(String containerId, Path path) {
        return new LogOrigin(containerId, containerId, Frame.Form.CRI, path, 0, Map.of("container_id", containerId));
    }

    /** On RKE1 a container of Kubernetes is named by a link to Docker's file, beside which the rotated ones lie. */
    static Path withoutLink(Path log) {
        try {
            return Files.isSymbolicLink(log) ? log.toRealPath() : log;
        } catch (IOException leadsNowhere) {
            return log;
        }
    }

    /** Of a container whose log nobody has seen. */
    static LogOrigin ofUnseen(ContainerSample container) {
        return of(container, Frame.Form.DOCKER, Path.of(container.id()));
    }

    /** A file that the configuration names; people call it by its path. */
    static LogOrigin of(Path file) {
        String key = UUID.nameUUIDFromBytes(file.toString().getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
        return new LogOrigin(FILE + key, file.toString(), Frame.Form.PLAIN, file, 0, Map.of("file", file.toString()));
    }

    static LogOrigin of(Checkpoint.Entry entry) {
        return new LogOrigin(
                entry.containerId(),
                entry.container(),
                entry.form(),
                Path.of(entry.path()),
                entry.fileBytes(),
                entry.labels());
    }

    /** All that a hold's name tells, when a kill came before the first checkpoint. */
    static LogOrigin unknown(String containerId, Path hold) {
        Frame.Form form = containerId.startsWith(FILE) ? Frame.Form.PLAIN : Frame.Form.DOCKER;
        return new LogOrigin(containerId, containerId, form, hold, 0, Map.of("container_id", containerId));
    }

    /** No container's id has a colon. */
    private static final String UNIT = "unit:";

    static LogOrigin ofUnit(String unit, Path path) {
        return new LogOrigin(UNIT + unit, unit, Frame.Form.CRI, path, 0, Map.of("unit", unit));
    }

    static boolean isOfUnit(Checkpoint.Entry entry) {
        return entry.containerId().startsWith(UNIT);
    }

    Frame.SourceOpened announce(SourceId id) {
        return new Frame.SourceOpened(id, form, container, labels);
    }
}
