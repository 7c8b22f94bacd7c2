package io.farrier.logs;

import io.farrier.logs.copied.Loss;
import io.farrier.sample.ContainerSample;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The files of copies as sources: which there are, and what their origins are called. */
final class CopySources {
    private final FileSources files;
    private final Cursors cursors;
    private Copies copies = Copies.NONE;

    /** In scope and without a file, of the last table; empty before the first one. */
    private Optional<List<ContainerSample>> containers = Optional.empty();

    /** By the names that the copies have. */
    private final Map<String, LogOrigin> origins = new LinkedHashMap<>();

    CopySources(FileSources files, Cursors cursors) {
        this.files = files;
        this.cursors = cursors;
    }

    /** The copies that there are now; those that left are read to their end. */
    void list(Copies now) {
        boolean areOthers =
                !now.units().equals(copies.units()) || !now.containers().equals(copies.containers());
        copies = now;
        if (areOthers) {
            list();
        }
    }

    /**
     * A table of containers.
     *
     * @param withoutFile those in scope whose lines are copied, or cannot be had
     */
    void containers(List<ContainerSample> withoutFile, Set<String> outOfScope) {
        containers = Optional.of(withoutFile);
        list();
        outOfScope.forEach(files::drop);
    }

    boolean lacks(String containerId) {
        return copies.lacks(containerId);
    }

    /** See {@link Tail#mayHaveLost}. */
    Set<Loss> mayHaveLost(Set<Loss> losses) {
        return losses.stream()
                .filter(loss -> Optional.ofNullable(origins.get(loss.log()))
                        .filter(origin -> files.mayHaveLostMore(origin.containerId(), loss.reason()))
                        .isPresent())
                .collect(Collectors.toSet());
    }

    /** A container's only when a table has told, or a checkpoint remembers, what it is called. */
    private void list() {
        Map<String, LogOrigin> listed = new LinkedHashMap<>();
        copies.units().forEach((unit, log) -> listed.put(unit, LogOrigin.ofUnit(unit, log)));
        if (containers.isPresent()) {
            copies.containers().forEach((id, log) -> listed.put(id, originOf(id, log, containers.get())));
        } else {
            Set<String> units =
                    listed.values().stream().map(LogOrigin::containerId).collect(Collectors.toSet());
            cursors.take(entry -> LogOrigin.isOfUnit(entry) && !units.contains(entry.containerId()));
        }
        origins.clear();
        origins.putAll(listed);
        files.list(List.copyOf(listed.values()));
    }

    private LogOrigin originOf(String id, Path log, List<ContainerSample> table) {
        return table.stream()
                .filter(container -> container.id().equals(id))
                .findFirst()
                .map(container -> LogOrigin.ofCopy(container, log))
                .or(() -> Optional.ofNullable(origins.get(id)))
                .or(() -> cursors.remembered().stream()
                        .filter(entry -> entry.containerId().equals(id))
                        .findFirst()
                        .map(LogOrigin::of))
                .orElseGet(() -> LogOrigin.ofCopy(id, log));
    }
}
