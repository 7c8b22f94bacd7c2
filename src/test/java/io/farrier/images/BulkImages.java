package io.farrier.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.image.Sha256;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.testing.BulkLayer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Thirty images as a Rancher node has them: three bases, six runtimes upon them, and what is each one's own in three layers;
 * 1.2 GB without what they share, as they travel.
 */
final class BulkImages {
    static final int IMAGES = 30;

    private static final int BASES = 3;
    private static final int MIDS = 6;
    private static final long MB = 1_000_000;
    private static final long BASE_BYTES = 90 * MB;
    private static final long[] MID_BYTES = {30 * MB, 15 * MB};
    private static final long[] OWN_BYTES = {15 * MB, 6 * MB, MB / 2};
    private static final String CONFIG = "application/vnd.docker.container.image.v1+json";

    private final RegistryContent content;
    private final Registry registry;
    private final RegistryHost address;
    /** Where each layer is already. */
    private final Map<String, String> pushed = new HashMap<>();

    /** @param address of the registry, from here */
    BulkImages(RegistryContent content, Registry registry, RegistryHost address) {
        this.content = content;
        this.registry = registry;
        this.address = address;
    }

    /** Pushes them, and makes their layers in {@code folder} before, unless they are there; paths with tags. */
    List<String> push(Path folder) throws IOException {
        // Gzip is what takes long.
        List<List<BulkLayer>> images = Abreast.each(
                2, "layers", IntStream.range(0, IMAGES).boxed().toList(), number -> layers(folder, number));
        List<String> names = new ArrayList<>();
        for (List<BulkLayer> layers : images) {
            names.add("bench/image" + names.size() + ":1");
            push(Reference.parse(names.get(names.size() - 1)).under(address), layers);
        }
        return names;
    }

    private static List<BulkLayer> layers(Path folder, int number) throws IOException {
        List<BulkLayer> layers = new ArrayList<>();
        // One of the two threads makes what both need.
        synchronized (BulkImages.class) {
            layers.add(BulkLayer.of(folder, "base" + number % BASES, BASE_BYTES));
            for (long bytes : MID_BYTES) {
                layers.add(BulkLayer.of(folder, "mid" + number % MIDS, bytes));
            }
        }
        for (long bytes : OWN_BYTES) {
            layers.add(BulkLayer.of(folder, "own" + number, bytes));
        }
        return layers;
    }

    private void push(Reference name, List<BulkLayer> layers) throws IOException {
        for (BulkLayer layer : layers) {
            try (InputStream in = Files.newInputStream(layer.file())) {
                send(name, layer.blob(), in);
            }
        }
        byte[] config = config(layers).getBytes(UTF_8);
        Blob blob = new Blob(CONFIG, Sha256.of(config), config.length);
        send(name, blob, new ByteArrayInputStream(config));
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + ImageManifest.DOCKER_IMAGE + "\",\"config\":"
                + json(blob) + ",\"layers\":"
                + layers.stream().map(layer -> json(layer.blob())).toList() + "}";
        content.putManifest(registry, name, ImageManifest.parse(manifest.getBytes(UTF_8), ImageManifest.DOCKER_IMAGE));
    }

    private void send(Reference name, Blob blob, InputStream in) throws IOException {
        Optional<RegistryContent.Session> session =
                content.begin(registry, name, blob, Optional.ofNullable(pushed.get(blob.digest())));
        if (session.isPresent()) {
            content.finish(registry, name, session.get(), blob, in, sent -> {});
        }
        pushed.put(blob.digest(), name.path());
    }

    private static String config(List<BulkLayer> layers) {
        Platform platform = Platform.ofThisNode();
        return "{\"architecture\":\"" + platform.architecture() + "\",\"os\":\"" + platform.os()
                + "\",\"config\":{\"Entrypoint\":[\"/never\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
                + layers.stream().map(layer -> "\"" + layer.diff() + "\"").toList() + "}}";
    }

    private static String json(Blob blob) {
        return "{\"mediaType\":\"" + blob.mediaType() + "\",\"digest\":\"" + blob.digest() + "\",\"size\":"
                + blob.size() + "}";
    }
}
