package io.farrier.archive;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The one archive that {@code docker load}, {@code ctr images import}, k3s' {@code agent/images} and skopeo
 * ({@code docker-archive:}; {@code oci-archive:} only where manifests are of OCI's type) read: an OCI image layout with Docker's {@code manifest.json} beside
 * it, both pointing to the same blobs. What is in it decides every byte: layers are there once, files in a fixed order,
 * without times or owners. So its place of every byte is known before the first is written.
 */
public final class ArchiveLayout {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final byte[] LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);

    private final List<Piece> pieces = new ArrayList<>();
    private long size;

    /** Where blobs come from. */
    @FunctionalInterface
    public interface Blobs {
        /** Its bytes from {@code offset} on; that they are the right ones is checked by whoever reads them. */
        InputStream open(Blob blob, long offset) throws IOException;
    }

    /**
     * Some bytes that follow each other.
     *
     * @param bytes those that are known; else they are those of {@code blob}
     */
    public record Piece(long offset, long length, Optional<byte[]> bytes, Optional<Blob> blob) {}

    private ArchiveLayout() {}

    /** @param images in the order they are to be named; the blobs of all of them are sorted */
    public static ArchiveLayout of(List<ArchivedImage> images) {
        ArchiveLayout layout = new ArchiveLayout();
        layout.file("oci-layout", LAYOUT);
        layout.file("index.json", index(images));
        layout.file("manifest.json", manifestJson(images));
        blobs(images).values().forEach(layout::blob);
        layout.literal(new byte[2 * TarHeader.BLOCK]);
        return layout;
    }

    private record Content(Blob blob, Optional<byte[]> bytes) {}

    private static Map<String, Content> blobs(List<ArchivedImage> images) {
        Map<String, Content> blobs = new TreeMap<>();
        for (ArchivedImage image : images) {
            Blob manifest = image.manifest().asBlob();
            blobs.put(
                    manifest.digest(),
                    new Content(manifest, Optional.of(image.manifest().bytes())));
            image.manifest()
                    .blobs()
                    .forEach(blob -> blobs.putIfAbsent(blob.digest(), new Content(blob, Optional.empty())));
        }
        return blobs;
    }

    private static byte[] index(List<ArchivedImage> images) {
        ObjectNode index = MAPPER.createObjectNode().put("schemaVersion", 2).put("mediaType", ImageManifest.OCI_INDEX);
        ArrayNode manifests = index.putArray("manifests");
        for (ArchivedImage image : images) {
            Blob manifest = image.manifest().asBlob();
            for (Reference name : image.names()) {
                ObjectNode entry = manifests
                        .addObject()
                        .put("mediaType", manifest.mediaType())
                        .put("digest", manifest.digest())
                        .put("size", manifest.size());
                // The first is what containerd and k3s read, the second what skopeo and podman do.
                entry.putObject("annotations")
                        .put("io.containerd.image.name", name.toString())
                        .put("org.opencontainers.image.ref.name", name.toString());
            }
        }
        return bytes(index.toString());
    }

    private static byte[] manifestJson(List<ArchivedImage> images) {
        ArrayNode all = MAPPER.createArrayNode();
        for (ArchivedImage image : images) {
            ObjectNode entry = all.addObject();
            image.manifest().config().ifPresent(config -> entry.put("Config", path(config)));
            ArrayNode tags = entry.putArray("RepoTags");
            image.names().forEach(name -> tags.add(name.familiar()));
            ArrayNode layers = entry.putArray("Layers");
            image.manifest().layers().forEach(layer -> layers.add(path(layer)));
        }
        return bytes(all.toString());
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    static String path(Blob blob) {
        return "blobs/sha256/" + blob.hex();
    }

    private void file(String name, byte[] content) {
        literal(TarHeader.ofFile(name, content.length));
        literal(content);
        pad(content.length);
    }

    private void blob(Content content) {
        literal(TarHeader.ofFile(path(content.blob()), content.blob().size()));
        content.bytes()
                .ifPresentOrElse(this::literal, () -> add(content.blob().size(), Optional.empty(), content.blob()));
        pad(content.blob().size());
    }

    private void literal(byte[] bytes) {
        pieces.add(new Piece(size, bytes.length, Optional.of(bytes), Optional.empty()));
        size += bytes.length;
    }

    private void add(long length, Optional<byte[]> bytes, Blob blob) {
        pieces.add(new Piece(size, length, bytes, Optional.of(blob)));
        size += length;
    }

    private void pad(long length) {
        int rest = (int) (length % TarHeader.BLOCK);
        if (rest > 0) {
            literal(new byte[TarHeader.BLOCK - rest]);
        }
    }

    /** Of the whole archive. */
    public long size() {
        return size;
    }

    public List<Piece> pieces() {
        return List.copyOf(pieces);
    }

    /** The blobs that must come from somewhere, each once, in the archive's order. */
    public Set<Blob> blobs() {
        Set<Blob> blobs = new LinkedHashSet<>();
        pieces.forEach(piece -> piece.blob().ifPresent(blobs::add));
        return blobs;
    }

    /** @throws IOException when a blob is not what its digest says: the archive is left without its end then */
    public void writeTo(OutputStream out, Blobs blobs) throws IOException {
        for (Piece piece : pieces) {
            if (piece.bytes().isPresent()) {
                out.write(piece.bytes().get());
                continue;
            }
            Blob blob = piece.blob().orElseThrow();
            try (InputStream bytes = new CheckedBytes(blobs.open(blob, 0), blob)) {
                bytes.transferTo(out);
            }
        }
        out.flush();
    }
}
