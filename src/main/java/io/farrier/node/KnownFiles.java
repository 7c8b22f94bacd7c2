package io.farrier.node;

import io.farrier.plan.FileState;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What small files held when they were read last. The kernel sets a file's ctime at every change and lets nobody choose it, so
 * a file with the same attributes need not be read again. As git does with its index, a file that had just been changed is not
 * remembered: a second change within one tick of the clock would not show.
 */
final class KnownFiles {
    /** For {@link java.nio.file.Files#readAttributes}, together with what tells a change. */
    static final String ATTRIBUTES =
            "unix:mode,isRegularFile,isSymbolicLink,dev,ino,size,uid,gid,ctime,lastModifiedTime";

    /** Far above the tick of any clock that stamps files. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    /** A hundred registries with CA, pair and hosts.toml. */
    private static final int MAX_FILES = 512;

    private static final int MAX_BYTES = 16 * 1024;

    private record Known(Map<String, Object> attributes, FileState state) {}

    private final Map<Path, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Known> eldest) {
            return size() > MAX_FILES;
        }
    };

    synchronized Optional<FileState> find(Path file, Map<String, Object> attributes) {
        Known last = known.get(file);
        return last != null && last.attributes().equals(attributes) ? Optional.of(last.state()) : Optional.empty();
    }

    /** @param attributes as they were before the file was read */
    synchronized void remember(Path file, Map<String, Object> attributes, FileState state) {
        Instant changed = ((FileTime) Objects.requireNonNull(attributes.get("ctime"))).toInstant();
        if (state.content().length <= MAX_BYTES && changed.plus(SETTLED).isBefore(Instant.now())) {
            known.put(file, new Known(attributes, state));
        } else {
            known.remove(file);
        }
    }
}
