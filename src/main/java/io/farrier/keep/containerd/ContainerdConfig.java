package io.farrier.keep.containerd;

import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.document.TomlDocument;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** As much of {@code /etc/containerd/config.toml} as says where containerd looks for hosts.toml. It is never edited. */
final class ContainerdConfig {
    static final Path PATH = Path.of("/etc/containerd/config.toml");
    static final Path USUAL_FOLDER = Path.of("/etc/containerd/certs.d");

    /** In version 3 of the file (containerd 2.x), in version 2, in version 1. */
    private static final List<KeyPath> REGISTRIES = List.of(
            KeyPath.of("plugins", "io.containerd.cri.v1.images", "registry"),
            KeyPath.of("plugins", "io.containerd.grpc.v1.cri", "registry"),
            KeyPath.of("plugins", "cri", "registry"));

    private ContainerdConfig() {}

    /**
     * Where containerd looks, or why it does not look anywhere.
     *
     * @param folder empty with a refusal
     */
    record Look(Optional<Path> folder, Optional<Reason> refusal) {}

    static Look look(NodeFiles files) throws IOException {
        List<TomlDocument> documents = new ArrayList<>();
        try {
            TomlDocument main = read(files, PATH);
            documents.add(main);
            for (Path imported : imports(files, main)) {
                documents.add(read(files, imported));
            }
        } catch (InvalidDocumentException invalid) {
            return new Look(Optional.empty(), Optional.of(unreadable(invalid)));
        }
        return documents.stream()
                .flatMap(document -> configPath(document).stream())
                .reduce((first, last) -> last)
                .map(folder -> new Look(Optional.of(folder), Optional.empty()))
                .orElseGet(() -> new Look(Optional.empty(), Optional.of(notSet(documents.get(0)))));
    }

    private static TomlDocument read(NodeFiles files, Path path) throws IOException {
        return TomlDocument.parse(files.read(path, TomlDocument.MAX_BYTES).content());
    }

    /** Such as {@code imports = ["/etc/containerd/conf.d/*.toml"]}. */
    private static List<Path> imports(NodeFiles files, TomlDocument main) throws IOException {
        List<Path> imported = new ArrayList<>();
        for (String pattern : texts(main.get(KeyPath.of("imports")))) {
            Path path = PATH.resolveSibling(pattern);
            Path folder = path.getParent();
            if (folder == null || !pattern.contains("*")) {
                imported.add(path);
                continue;
            }
            String end = pattern.substring(pattern.lastIndexOf('*') + 1);
            for (NodeFiles.Entry entry : files.list(folder)) {
                if (entry.kind() == NodeFiles.Kind.FILE && entry.name().endsWith(end)) {
                    imported.add(folder.resolve(entry.name()));
                }
            }
        }
        return imported;
    }

    private static List<String> texts(Optional<JsonValue> value) {
        return value.filter(JsonValue.Array.class::isInstance)
                .map(list -> ((JsonValue.Array) list).texts())
                .orElse(List.of());
    }

    /** Several folders can be given, with colons between them; the first is asked first. */
    private static Optional<Path> configPath(TomlDocument document) {
        return REGISTRIES.stream()
                .flatMap(registry -> document.get(registry.child("config_path")).stream())
                .filter(JsonValue.Text.class::isInstance)
                .map(text -> ((JsonValue.Text) text).value().split(":", -1)[0])
                .filter(folder -> folder.startsWith("/"))
                .map(Path::of)
                .findFirst();
    }

    private static Reason unreadable(InvalidDocumentException invalid) {
        return new Reason(
                "Tried to read " + PATH,
                invalid.getMessage() + ".",
                "farrier changed nothing. Correct the file; containerd may not start with it.");
    }

    private static Reason notSet(TomlDocument main) {
        boolean isVersion3 =
                main.get(KeyPath.of("version")).map(JsonValue::text).equals(Optional.of("3"));
        KeyPath table = REGISTRIES.get(isVersion3 ? 0 : 1);
        boolean hasOldKeys = REGISTRIES.stream()
                .anyMatch(registry -> main.get(registry.child("mirrors")).isPresent()
                        || main.get(registry.child("configs")).isPresent());
        return new Reason(
                "Tried to plan " + USUAL_FOLDER,
                "containerd would not look there: config_path is not set in " + PATH + ".",
                "Add these two lines to it, then restart containerd once: [plugins.\""
                        + table.keys().get(1)
                        + "\".registry] and config_path = \"" + USUAL_FOLDER + "\"."
                        + (hasOldKeys
                                ? " Take out registry.mirrors and registry.configs: containerd does not start with both."
                                : ""));
    }
}
