package io.farrier.plan;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Something on the node that farrier put there, so that it can be taken away again without touching anything else: a
 * file, a folder, a key of a document, or one element of a key's list.
 *
 * @param path the file or folder, as seen from the node's root
 * @param key of the document, empty for a file or folder
 * @param value the element, or what farrier set the key to, as JSON text; empty otherwise
 * @param before the value the key had before farrier, as JSON text; empty when there was none
 */
public record Claim(Kind kind, Path path, String key, String value, Optional<String> before)
        implements Comparable<Claim> {
    /** What is claimed. */
    public enum Kind {
        FILE,
        FOLDER,
        KEY,
        ELEMENT
    }

    public static Claim file(Path path) {
        return new Claim(Kind.FILE, path, "", "", Optional.empty());
    }

    public static Claim folder(Path path) {
        return new Claim(Kind.FOLDER, path, "", "", Optional.empty());
    }

    public static Claim key(Path path, String key, String value, Optional<String> before) {
        return new Claim(Kind.KEY, path, key, value, before);
    }

    public static Claim element(Path path, String key, String element) {
        return new Claim(Kind.ELEMENT, path, key, element, Optional.empty());
    }

    @Override
    public int compareTo(Claim other) {
        int order = kind.compareTo(other.kind);
        order = order != 0 ? order : path.compareTo(other.path);
        order = order != 0 ? order : key.compareTo(other.key);
        order = order != 0 ? order : value.compareTo(other.value);
        return order != 0 ? order : before.orElse("").compareTo(other.before.orElse(""));
    }

    /** Without the values of a key: they may be credentials. */
    @Override
    public String toString() {
        String what = kind == Kind.ELEMENT ? " " + key + " " + value : kind == Kind.KEY ? " " + key : "";
        return kind + " " + path + what;
    }
}
