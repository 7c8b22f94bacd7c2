package io.farrier.logs.docker;

import io.farrier.logs.copied.CopiedFile;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a container's log has been copied, all of it on disk.
 *
 * @param since seconds since 1970: nothing older than this is wanted
 * @param file the live one; null before the first line and after the last
 * @param hasEnd true when all was read that there was when the container stood still
 * @param loss why something may be missing, until the collector has been told
 */
record ContainerPosition(
        long since,
        Marks marks,
        CopiedFile.@Nullable End file,
        boolean hasEnd,
        @Nullable String loss) {
    /** @param containers by id */
    record All(Map<String, ContainerPosition> containers) {
        static final All NONE = new All(Map.of());

        All {
            containers = Map.copyOf(containers);
        }

        /** True when more was read of the same containers, and that is all. */
        boolean isOnlyFurtherThan(All before) {
            return containers.keySet().equals(before.containers.keySet())
                    && containers.entrySet().stream()
                            .allMatch(one -> one.getValue()
                                    .isOnlyFurtherThan(Objects.requireNonNull(before.containers.get(one.getKey()))));
        }
    }

    private boolean isOnlyFurtherThan(ContainerPosition before) {
        return since == before.since && hasEnd == before.hasEnd && Objects.equals(loss, before.loss);
    }
}
