package io.farrier.images.extract;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Images of plain YAML: {@code image:} of containers, {@code system_images:} of cluster.yml, and the maps of values files
 * ({@code registry}, {@code repository} - {@code image} in ingress-nginx -, {@code tag} or {@code digest}).
 */
final class YamlImages {
    private static final int MAX_DEPTH = 60;
    private static final int MAX_ALIASES = 200;
    private static final int MAX_CHARACTERS = 64 << 20;

    private final Extracted extracted;
    private final String hint;

    YamlImages(Extracted extracted) {
        this(extracted, "");
    }

    /** @param hint what may help to find a tag that is not there */
    YamlImages(Extracted extracted, String hint) {
        this.extracted = extracted;
        this.hint = hint;
    }

    void take(String where, String text) {
        try {
            for (Object document : loader().loadAll(text)) {
                walk(where, "", document, 0);
            }
        } catch (YAMLException wrong) {
            String problem =
                    String.valueOf(wrong.getMessage()).lines().findFirst().orElse("");
            extracted.unresolved(where, "", "it is not YAML: " + problem);
        }
    }

    static Yaml loader() {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setCodePointLimit(MAX_CHARACTERS);
        return new Yaml(new SafeConstructor(options));
    }

    private void walk(String where, String path, Object node, int depth) {
        if (depth > MAX_DEPTH) {
            return;
        }
        if (node instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                walk(where, path + "[" + i + "]", list.get(i), depth + 1);
            }
        }
        if (node instanceof Map<?, ?> map) {
            Optional<String> part = composed(where, path, map);
            map.forEach((key, value) -> {
                if (!part.equals(Optional.of("" + key))) {
                    entry(where, path.isEmpty() ? "" + key : path + "." + key, "" + key, value, depth);
                }
            });
        }
    }

    private void entry(String where, String path, String key, Object value, int depth) {
        if (key.equals("system_images") && value instanceof Map<?, ?> images) {
            images.forEach((name, image) ->
                    text(image).ifPresent(text -> extracted.found(where + " " + path + "." + name, text)));
            return;
        }
        if (key.equals("image") && text(value).isPresent()) {
            extracted.found(where + " " + path, text(value).get());
            return;
        }
        // An image volume of a pod.
        if (key.equals("image")
                && value instanceof Map<?, ?> map
                && text(map.get("reference")).isPresent()) {
            extracted.found(where + " " + path, text(map.get("reference")).get());
            return;
        }
        walk(where, path, value, depth + 1);
    }

    /**
     * {@code {repository: rancher/shell, tag: v0.1.18}}; without a tag only the chart knows which.
     *
     * @return the key that held the name, if the map is an image in parts
     */
    private Optional<String> composed(String where, String path, Map<?, ?> map) {
        boolean isVersioned = map.containsKey("tag") || map.containsKey("digest");
        boolean isCalledSo = path.matches("(?:.*\\.)?(?:image|[a-zA-Z]+Image)");
        String key = map.containsKey("repository") ? "repository" : "image";
        Optional<String> repository = text(map.get(key));
        boolean namesAnImage = repository.isPresent() && (isVersioned || isCalledSo || map.containsKey("registry"));
        if (!namesAnImage || repository.get().contains("://")) {
            return Optional.empty();
        }
        String name = text(map.get("registry")).map(registry -> registry + "/").orElse("") + repository.get();
        Optional<String> digest = text(map.get("digest")).or(() -> text(map.get("sha")));
        Optional<String> tag = text(map.get("tag"));
        if (tag.isEmpty() && digest.isEmpty()) {
            extracted.unresolved(where + " " + path, name, "it has no tag here; the chart's templates decide" + hint);
        } else {
            extracted.found(
                    where + " " + path,
                    name
                            + tag.map(t -> ":" + t).orElse("")
                            + digest.map(YamlImages::asDigest).orElse(""));
        }
        return Optional.of(key);
    }

    private static String asDigest(String digest) {
        return "@" + (digest.startsWith("sha256:") ? digest : "sha256:" + digest);
    }

    private static Optional<String> text(@org.jspecify.annotations.Nullable Object value) {
        boolean isScalar = value instanceof String || value instanceof Number;
        return isScalar ? Optional.of(String.valueOf(value).strip()).filter(text -> !text.isEmpty()) : Optional.empty();
    }
}
