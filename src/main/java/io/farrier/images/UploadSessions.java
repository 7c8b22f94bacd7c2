package io.farrier.images;

import io.farrier.image.Blob;
import io.farrier.image.Reference;
import io.farrier.node.WholeFile;
import io.farrier.registry.RegistryContent.Session;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Uploads that are open in registries, in a file: a run that was killed in the middle of a layer goes on there. A
 * registry that has forgotten one says so, and it begins anew.
 */
public final class UploadSessions {
    private static final int MAX_SESSIONS = 1000;

    private final Path file;
    private final Map<String, String> locations = new TreeMap<>();

    private UploadSessions(Path file) {
        this.file = file;
    }

    /** @param file need not exist; its folder must */
    public static UploadSessions in(Path file) throws IOException {
        UploadSessions sessions = new UploadSessions(file);
        try {
            for (String line : Files.readAllLines(file)) {
                int space = line.indexOf(' ');
                if (space > 0) {
                    sessions.locations.put(line.substring(0, space), line.substring(space + 1));
                }
            }
        } catch (NoSuchFileException none) {
            return sessions;
        }
        return sessions;
    }

    private static String key(Reference target, Blob blob) {
        return target.name() + "@" + blob.digest();
    }

    synchronized Optional<Session> find(Reference target, Blob blob) {
        return Optional.ofNullable(locations.get(key(target, blob))).map(location -> new Session(location, 0));
    }

    synchronized void remember(Reference target, Blob blob, Session session) throws IOException {
        boolean isUsable =
                locations.size() < MAX_SESSIONS && session.location().chars().noneMatch(c -> c < ' ');
        if (isUsable) {
            locations.put(key(target, blob), session.location());
            write();
        }
    }

    synchronized void forget(Reference target, Blob blob) throws IOException {
        if (locations.remove(key(target, blob)) != null) {
            write();
        }
    }

    private void write() throws IOException {
        StringBuilder text = new StringBuilder();
        locations.forEach(
                (key, location) -> text.append(key).append(' ').append(location).append('\n'));
        WholeFile.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
