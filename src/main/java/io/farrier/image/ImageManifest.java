package io.farrier.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A manifest or an index (manifest list) as somebody served it: its exact bytes, and what they point to.
 *
 * @param children manifests of an index, each with its platform; empty for an image
 * @param config of an image; empty for an index
 * @param layers of an image, bottom first
 */
public record ImageManifest(
        byte[] bytes, String mediaType, List<Child> children, Optional<Blob> config, List<Blob> layers) {
    /** What distribution itself accepts. */
    public static final int MAX_BYTES = 4 * 1024 * 1024;

    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json";
    public static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json";

    /** All four: with fewer a registry converts to schema 1, whose digest is another one. */
    public static final String ACCEPT = String.join(",", OCI_INDEX, DOCKER_LIST, OCI_IMAGE, DOCKER_IMAGE);

    /** Of configurations; old registries name none, or something general. All else is an artifact, such as a chart. */
    private static final Set<String> CONFIGS = Set.of(
            "application/vnd.docker.container.image.v1+json",
            "application/vnd.oci.image.config.v1+json",
            "application/octet-stream",
            "application/json",
            "");

    private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
    private static final Set<String> IMAGES = Set.of(OCI_IMAGE, DOCKER_IMAGE);
    private static final int MAX_LAYERS = 1024; // an image has 127 at most
    private static final int MAX_CHILDREN = 1024;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build());

    /** One image of an index; {@code os} and {@code architecture} are empty where the index says nothing. */
    public record Child(Blob manifest, String os, String architecture) {
        boolean isFor(Platform platform) {
            return os.equals(platform.os()) && architecture.equals(platform.architecture());
        }
    }

    public ImageManifest {
        children = List.copyOf(children);
        layers = List.copyOf(layers);
    }

    /**
     * @param mediaType as the server named it; what the bytes say of themselves counts more
     * @throws IOException with a sentence when it is neither a manifest nor an index this can read
     */
    public static ImageManifest parse(byte[] bytes, String mediaType) throws IOException {
        try {
            JsonNode json = MAPPER.readTree(bytes);
            String type = json.path("mediaType").asText(mediaType);
            if (json.has("manifests") && !json.has("layers")) {
                return index(bytes, INDEXES.contains(type) ? type : OCI_INDEX, json);
            }
            if (json.path("config").isObject() && json.path("layers").isArray()) {
                return image(bytes, IMAGES.contains(type) ? type : OCI_IMAGE, json);
            }
            throw new IOException("it is neither an image manifest nor an index (schema "
                    + json.path("schemaVersion").asInt(0) + ")");
        } catch (JsonProcessingException notJson) {
            throw new IOException("it is not JSON: " + notJson.getOriginalMessage(), notJson);
        } catch (IllegalArgumentException strange) {
            throw new IOException(strange.getMessage(), strange);
        }
    }

    private static ImageManifest index(byte[] bytes, String type, JsonNode json) {
        List<Child> children = new ArrayList<>();
        for (JsonNode each : bounded(json.path("manifests"), MAX_CHILDREN, "manifests")) {
            JsonNode platform = each.path("platform");
            children.add(new Child(
                    blob(each),
                    platform.path("os").asText(),
                    platform.path("architecture").asText()));
        }
        return new ImageManifest(bytes, type, children, Optional.empty(), List.of());
    }

    private static ImageManifest image(byte[] bytes, String type, JsonNode json) {
        List<Blob> layers = new ArrayList<>();
        bounded(json.path("layers"), MAX_LAYERS, "layers").forEach(layer -> layers.add(blob(layer)));
        return new ImageManifest(bytes, type, List.of(), Optional.of(blob(json.path("config"))), layers);
    }

    private static JsonNode bounded(JsonNode array, int max, String what) {
        if (array.size() > max) {
            throw new IllegalArgumentException("it names " + array.size() + " " + what + "; " + max + " are accepted");
        }
        return array;
    }

    private static Blob blob(JsonNode json) {
        JsonNode size = json.path("size");
        if (!size.canConvertToLong()) {
            throw new IllegalArgumentException("a descriptor has no usable size");
        }
        return new Blob(json.path("mediaType").asText(), json.path("digest").asText(), size.asLong());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ImageManifest that
                && Arrays.equals(bytes, that.bytes)
                && mediaType.equals(that.mediaType);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Never the bytes: they are foreign, and long. */
    @Override
    public String toString() {
        return mediaType + " " + digest();
    }

    public boolean isIndex() {
        return config.isEmpty();
    }

    /** It is stored like an image, and no runtime can run it. */
    public boolean isArtifact() {
        return config.isPresent() && !CONFIGS.contains(config.get().mediaType());
    }

    /** Whether bytes that are no manifest to {@link #parse} are one of Docker's first form, which runtimes have given up. */
    public static boolean isOfSchema1(byte[] bytes) {
        try {
            JsonNode json = MAPPER.readTree(bytes);
            return json.path("schemaVersion").asInt() == 1 && json.has("fsLayers");
        } catch (IOException notJson) {
            return false;
        }
    }

    public ManifestDigest digest() {
        return new ManifestDigest(Sha256.of(bytes));
    }

    /** This manifest as another one would point to it. */
    public Blob asBlob() {
        return new Blob(mediaType, digest().value(), bytes.length);
    }

    /** The image of an index for one platform; empty when it has none. */
    public Optional<Blob> childFor(Platform platform) {
        return children.stream()
                .filter(child -> child.isFor(platform))
                .map(Child::manifest)
                .findFirst();
    }

    /** Configuration and layers, each once, in order. */
    public List<Blob> blobs() {
        List<Blob> blobs = new ArrayList<>();
        config.ifPresent(blobs::add);
        layers.stream().filter(layer -> !blobs.contains(layer)).forEach(blobs::add);
        return blobs;
    }
}
