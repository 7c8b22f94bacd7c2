package io.farrier.runtime.containerd;

import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.Reference;
import io.farrier.runtime.Images;
import io.farrier.runtime.containerd.services.Descriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Takes images into containerd as its own clients do: content under a lease, labels that lead from a manifest to its
 * parts, then the names. CRI unpacks an image when it first starts a container of it.
 */
final class ImageImport {
    private final ContentStore content;
    private final ImageNames names;
    private final Clock clock;

    ImageImport(ContentStore content, ImageNames names, Clock clock) {
        this.content = content;
        this.names = names;
        this.clock = clock;
    }

    void run(Images images) throws IOException {
        String lease = "farrier-" + UUID.randomUUID();
        content.lease(lease, clock);
        try {
            for (Images.Named image : images.images()) {
                take(content.under(lease), images, image);
            }
        } finally {
            content.endLease(lease);
        }
    }

    private void take(ContentStore leased, Images images, Images.Named image) throws IOException {
        for (Blob blob : image.manifest().blobs()) {
            if (!leased.has(blob)) {
                try (InputStream bytes = images.open(blob)) {
                    leased.write(blob, bytes);
                }
            }
        }
        Blob manifest = image.manifest().asBlob();
        if (!leased.has(manifest)) {
            leased.write(manifest, new ByteArrayInputStream(image.manifest().bytes()));
        }
        leased.label(manifest, partsOf(image.manifest()));
        for (Reference name : image.names()) {
            names.put(name.toString(), descriptor(manifest));
        }
    }

    /** As {@code images.SetChildrenLabels} of containerd's client names them. */
    private static Map<String, String> partsOf(ImageManifest manifest) {
        Map<String, String> labels = new HashMap<>();
        manifest.config().ifPresent(config -> labels.put("containerd.io/gc.ref.content.config", config.digest()));
        for (int i = 0; i < manifest.layers().size(); i++) {
            labels.put(
                    "containerd.io/gc.ref.content.l." + i,
                    manifest.layers().get(i).digest());
        }
        return labels;
    }

    private static Descriptor descriptor(Blob manifest) {
        return Descriptor.newBuilder()
                .setMediaType(manifest.mediaType())
                .setDigest(manifest.digest())
                .setSize(manifest.size())
                .build();
    }
}
