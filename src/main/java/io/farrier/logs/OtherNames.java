package io.farrier.logs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many names held files have besides their holds, at one moment: without any a file is on disk only for us. */
final class OtherNames {
    private @Nullable Map<FileKey, Integer> ofOpenFiles;

    int of(HeldFile file) throws IOException {
        if (file.hold().isPresent()) {
            return FileKey.look(file.hold().get()).map(look -> look.links() - 1).orElse(0);
        }
        ofOpenFiles = ofOpenFiles == null ? ofOpenFiles() : ofOpenFiles;
        // One that is not seen may have a name, and is not ours to give up.
        return ofOpenFiles.getOrDefault(file.key(), 1);
    }

    private static Map<FileKey, Integer> ofOpenFiles() throws IOException {
        Map<FileKey, Integer> names = new HashMap<>();
        for (Path descriptor : Descriptors.list()) {
            FileKey.lookThrough(descriptor).ifPresent(look -> names.put(look.key(), look.links()));
        }
        return names;
    }
}
