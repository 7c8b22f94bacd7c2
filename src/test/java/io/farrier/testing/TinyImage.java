package io.farrier.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.archive.ArchiveLayout;
import io.farrier.archive.ArchivedImage;
import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.Sha256;
import io.farrier.runtime.Images;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Images of a few bytes, made in memory: one layer for each word, each with one file that holds it. */
public final class TinyImage implements Images {
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    private final Reference name;
    private final Map<String, byte[]> blobs = new HashMap<>();
    private final ImageManifest manifest;

    private TinyImage(Reference name, Platform platform, List<byte[]> layers) {
        this.name = name;
        List<Blob> parts = new ArrayList<>();
        layers.forEach(layer -> parts.add(keep(LAYER, layer)));
        List<String> diffs =
                parts.stream().map(part -> "\"" + part.digest() + "\"").toList();
        Blob config = keep(
                CONFIG,
                ("{\"architecture\":\"" + platform.architecture() + "\",\"os\":\"" + platform.os()
                                + "\",\"config\":{\"Entrypoint\":[\"/never\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
                                + diffs + "}}")
                        .getBytes(UTF_8));
        this.manifest = parsed(
                "{\"schemaVersion\":2,\"mediaType\":\"" + ImageManifest.OCI_IMAGE + "\",\"config\":" + json(config)
                        + ",\"layers\":" + parts.stream().map(TinyImage::json).toList() + "}");
        blobs.put(manifest.digest().value(), manifest.bytes());
    }

    public static TinyImage of(String name, String... words) {
        return of(name, Platform.ofThisNode(), words);
    }

    public static TinyImage of(String name, Platform platform, String... words) {
        List<byte[]> layers = new ArrayList<>();
        for (String word : words) {
            layers.add(tar("opt/" + Sha256.of(word.getBytes(UTF_8)).substring(7, 19), word.getBytes(UTF_8)));
        }
        return new TinyImage(Reference.parse(name), platform, layers);
    }

    /** One layer of that many bytes, which do not compress. */
    public static TinyImage ofSize(String name, int bytes, long seed) {
        return ofSizes(name, seed, bytes);
    }

    /** A layer of each size, of bytes that do not compress. */
    public static TinyImage ofSizes(String name, long seed, int... sizes) {
        Random random = new Random(seed);
        List<byte[]> layers = new ArrayList<>();
        for (int size : sizes) {
            byte[] noise = new byte[size];
            random.nextBytes(noise);
            layers.add(tar("opt/noise", noise));
        }
        return new TinyImage(Reference.parse(name), Platform.ofThisNode(), layers);
    }

    private Blob keep(String mediaType, byte[] bytes) {
        Blob blob = new Blob(mediaType, Sha256.of(bytes), bytes.length);
        blobs.put(blob.digest(), bytes);
        return blob;
    }

    private static String json(Blob blob) {
        return "{\"mediaType\":\"" + blob.mediaType() + "\",\"digest\":\"" + blob.digest() + "\",\"size\":"
                + blob.size() + "}";
    }

    private static ImageManifest parsed(String json) {
        try {
            return ImageManifest.parse(json.getBytes(UTF_8), "");
        } catch (IOException ourOwn) {
            throw new AssertionError(ourOwn);
        }
    }

    /** A tar of one file. */
    public static byte[] tar(String name, byte[] content) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        tar.writeBytes(header(name, content.length, '0', ""));
        tar.writeBytes(content);
        tar.writeBytes(new byte[(512 - content.length % 512) % 512 + 1024]);
        return tar.toByteArray();
    }

    /** The 512 bytes before a file, whatever is asked for: this is how archives that deceive are made. */
    public static byte[] header(String name, long size, char type, String link) {
        byte[] block = new byte[512];
        put(block, 0, name);
        put(block, 100, "0000644");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        put(block, 124, String.format("%011o", size));
        put(block, 136, "00000000000");
        block[156] = (byte) type;
        put(block, 157, link);
        put(block, 257, "ustar");
        put(block, 263, "00");
        put(block, 148, "        ");
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        put(block, 148, String.format("%06o", sum));
        block[154] = 0;
        return block;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    public Reference name() {
        return name;
    }

    public ImageManifest manifest() {
        return manifest;
    }

    /** By digest: configuration, layers and manifest. */
    public Map<String, byte[]> blobs() {
        return Map.copyOf(blobs);
    }

    public ArchivedImage archived() {
        return new ArchivedImage(List.of(name), manifest);
    }

    @Override
    public List<Named> images() {
        return List.of(new Named(List.of(name), manifest));
    }

    @Override
    public InputStream open(Blob blob) {
        return new ByteArrayInputStream(blobs.get(blob.digest()));
    }

    @Override
    public void writeArchive(OutputStream out) throws IOException {
        ArchiveLayout.of(List.of(archived())).writeTo(out, (blob, offset) -> open(blob));
    }
}
