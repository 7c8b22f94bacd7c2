package io.farrier.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.archive.TarIndex.Entry;
import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/** What a tar holds as an OCI image layout or, where it is none, as {@code docker save} wrote it; every byte checked. */
record ArchiveContent(List<ArchivedImage> images, Map<String, Entry> blobs) {
    private static final int MAX_JSON_BYTES = 16 << 20; // the index of a few thousand images
    private static final int MAX_CONFIG_BYTES = 8 << 20; // what containerd accepts
    private static final int MAX_IMAGES = 10_000;
    private static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    private static final String PLAIN_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
    private static final String GZIP_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build());

    static ArchiveContent read(TarIndex tar, Platform platform) throws IOException {
        Reader reader = new Reader(tar, platform);
        if (tar.find("oci-layout").isPresent()) {
            reader.readLayout();
        } else {
            reader.readDockerSave();
        }
        return new ArchiveContent(reader.found(), Map.copyOf(reader.blobs));
    }

    private static final class Reader {
        private final TarIndex tar;
        private final Platform platform;
        private final Map<String, Set<Reference>> names = new LinkedHashMap<>();
        private final Map<String, ImageManifest> manifests = new HashMap<>();
        private final Map<String, Entry> blobs = new HashMap<>();

        Reader(TarIndex tar, Platform platform) {
            this.tar = tar;
            this.platform = platform;
        }

        List<ArchivedImage> found() throws Malformed {
            List<ArchivedImage> found = new ArrayList<>();
            Map<Reference, String> owners = new HashMap<>();
            for (Map.Entry<String, Set<Reference>> each : names.entrySet()) {
                for (Reference name : each.getValue()) {
                    String other = owners.put(name, each.getKey());
                    if (other != null && !other.equals(each.getKey())) {
                        throw new Malformed("it has two images named " + name);
                    }
                }
                if (!each.getValue().isEmpty()) {
                    found.add(new ArchivedImage(List.copyOf(each.getValue()), manifest(each.getKey())));
                }
            }
            return List.copyOf(found);
        }

        private ImageManifest manifest(String digest) throws Malformed {
            ImageManifest manifest = manifests.get(digest);
            if (manifest == null) {
                throw new Malformed("it has no manifest " + digest);
            }
            return manifest;
        }

        private void name(ImageManifest manifest, Optional<Reference> name) throws Malformed {
            String digest = manifest.digest().value();
            manifests.put(digest, manifest);
            Set<Reference> known = names.computeIfAbsent(digest, any -> new LinkedHashSet<>());
            name.ifPresent(known::add);
            if (names.size() > MAX_IMAGES) {
                throw new Malformed("it has more than " + MAX_IMAGES + " images");
            }
        }

        // ---- OCI image layout

        void readLayout() throws IOException {
            JsonNode index = json("index.json");
            if (!index.path("manifests").isArray()) {
                throw new Malformed("its index.json lists no manifests");
            }
            for (JsonNode each : index.path("manifests")) {
                Optional<ImageManifest> image = image(descriptor(each));
                if (image.isPresent()) {
                    name(image.get(), nameOf(each.path("annotations")));
                }
            }
        }

        private static Optional<Reference> nameOf(JsonNode annotations) {
            String name = annotations
                    .path("io.containerd.image.name")
                    .asText(annotations
                            .path("org.opencontainers.image.ref.name")
                            .asText());
            // skopeo and ctr may write the tag alone there, which names no repository.
            return name.contains("/") || name.contains(":") ? reference(name) : Optional.empty();
        }

        /** Empty when an index has none for this platform: archives of skopeo may hold the others, too. */
        private Optional<ImageManifest> image(Blob descriptor) throws IOException {
            ImageManifest manifest = manifest(descriptor);
            if (manifest.isIndex()) {
                Optional<Blob> child = manifest.childFor(platform).filter(this::isHere);
                if (child.isEmpty()) {
                    return Optional.empty();
                }
                manifest = manifest(child.get());
            }
            Blob config = manifest.config().orElseThrow(() -> new Malformed("an index in it leads to another index"));
            checkConfig(bytes(config, MAX_CONFIG_BYTES), manifest.layers().size(), config.digest());
            for (Blob layer : manifest.layers()) {
                check(layer);
            }
            return Optional.of(manifest);
        }

        private ImageManifest manifest(Blob descriptor) throws IOException {
            byte[] bytes = bytes(descriptor, ImageManifest.MAX_BYTES);
            try {
                return ImageManifest.parse(bytes, descriptor.mediaType());
            } catch (IOException strange) {
                throw new Malformed("its manifest " + descriptor.digest() + " cannot be read: " + strange.getMessage());
            }
        }

        private boolean isHere(Blob blob) {
            return tar.find(ArchiveLayout.path(blob)).isPresent();
        }

        private byte[] bytes(Blob blob, int max) throws IOException {
            if (blob.size() > max) {
                throw new Malformed(blob.digest() + " claims " + blob.size() + " bytes; " + max + " are accepted");
            }
            check(blob);
            return tar.read(tar.get(ArchiveLayout.path(blob)), max);
        }

        private void check(Blob blob) throws IOException {
            Entry entry = tar.get(ArchiveLayout.path(blob));
            if (entry.size() != blob.size()) {
                throw new Malformed(blob.digest() + " should have " + blob.size() + " bytes and has " + entry.size());
            }
            if (!blobs.containsKey(blob.digest())) {
                String found = digest(tar.open(entry));
                if (!found.equals(blob.digest())) {
                    throw new Malformed(blob.digest() + " holds other bytes: they are " + found);
                }
                blobs.put(blob.digest(), entry);
            }
        }

        // ---- docker save

        void readDockerSave() throws IOException {
            if (tar.find("manifest.json").isEmpty()) {
                throw new Malformed("it has neither 'oci-layout' nor 'manifest.json': it is no archive of images");
            }
            JsonNode saved = json("manifest.json");
            if (!saved.isArray()) {
                throw new Malformed("its manifest.json is no list");
            }
            for (JsonNode each : saved) {
                ImageManifest manifest = made(each);
                name(manifest, Optional.empty());
                for (JsonNode tag : each.path("RepoTags")) {
                    name(manifest, reference(tag.asText()));
                }
            }
        }

        private ImageManifest made(JsonNode image) throws IOException {
            String path = image.path("Config").asText();
            Entry entry = tar.get(path);
            byte[] bytes = tar.read(entry, MAX_CONFIG_BYTES);
            Blob config = new Blob(DOCKER_CONFIG, Sha256.of(bytes), bytes.length);
            if (!path.contains(config.hex())) {
                throw new Malformed(
                        "its image configuration '" + path + "' holds other bytes: they are " + config.digest());
            }
            blobs.put(config.digest(), entry);
            JsonNode paths = image.path("Layers");
            List<String> diffs = checkConfig(bytes, paths.size(), config.digest());
            List<Blob> layers = new ArrayList<>();
            for (int i = 0; i < paths.size(); i++) {
                layers.add(layer(paths.get(i).asText(), diffs.get(i)));
            }
            return ImageManifest.parse(manifestOf(config, layers), ImageManifest.DOCKER_IMAGE);
        }

        private Blob layer(String path, String diff) throws IOException {
            Entry entry = tar.get(path);
            String digest = digest(tar.open(entry));
            boolean isGzip = !digest.equals(diff);
            if (isGzip && !inflatedDigest(entry).equals(diff)) {
                throw new Malformed("its layer '" + path + "' holds other bytes than its image says");
            }
            blobs.put(digest, entry);
            return new Blob(isGzip ? GZIP_LAYER : PLAIN_LAYER, digest, entry.size());
        }

        private String inflatedDigest(Entry entry) throws IOException {
            try {
                return digest(new GZIPInputStream(tar.open(entry), 1 << 16));
            } catch (java.util.zip.ZipException | java.io.EOFException notGzip) {
                return "";
            }
        }

        private static byte[] manifestOf(Blob config, List<Blob> layers) {
            ObjectNode manifest =
                    MAPPER.createObjectNode().put("schemaVersion", 2).put("mediaType", ImageManifest.DOCKER_IMAGE);
            put(manifest.putObject("config"), config);
            ArrayNode array = manifest.putArray("layers");
            layers.forEach(layer -> put(array.addObject(), layer));
            return manifest.toString().getBytes(StandardCharsets.UTF_8);
        }

        private static void put(ObjectNode node, Blob blob) {
            node.put("mediaType", blob.mediaType()).put("size", blob.size()).put("digest", blob.digest());
        }

        // ---- both

        /** Returns the digests of the unpacked layers. */
        private List<String> checkConfig(byte[] bytes, int layers, String digest) throws IOException {
            JsonNode config = parse(bytes, "image configuration " + digest);
            Platform made = new Platform(
                    config.path("os").asText(), config.path("architecture").asText());
            if (!made.equals(platform)) {
                throw new Malformed("an image in it is made for " + made + " and not for " + platform);
            }
            List<String> diffs = new ArrayList<>();
            config.path("rootfs").path("diff_ids").forEach(diff -> diffs.add(diff.asText()));
            if (diffs.size() != layers) {
                throw new Malformed("image configuration " + digest + " speaks of " + diffs.size()
                        + " layers, its manifest of " + layers);
            }
            return diffs;
        }

        private JsonNode json(String name) throws IOException {
            return parse(tar.read(tar.get(name), MAX_JSON_BYTES), name);
        }

        private static JsonNode parse(byte[] bytes, String what) throws IOException {
            try {
                return MAPPER.readTree(bytes);
            } catch (JsonProcessingException notJson) {
                throw new Malformed("its " + what + " is not JSON");
            }
        }

        private static Blob descriptor(JsonNode json) throws Malformed {
            try {
                return new Blob(
                        json.path("mediaType").asText(),
                        json.path("digest").asText(),
                        json.path("size").asLong(-1));
            } catch (IllegalArgumentException strange) {
                throw new Malformed(String.valueOf(strange.getMessage()));
            }
        }

        private static Optional<Reference> reference(String text) {
            try {
                return Optional.of(Reference.parse(text).withoutDigest())
                        .filter(name -> name.tag().isPresent());
            } catch (InvalidReferenceException notAName) {
                return Optional.empty();
            }
        }

        private static String digest(InputStream in) throws IOException {
            try (in) {
                return Sha256.of(in);
            }
        }
    }
}
