package io.farrier.images;

import io.farrier.image.ImageId;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.runtime.LocalImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What every tag was when somebody last said that it is right. One image a line: {@code REFERENCE@MANIFEST-DIGEST
 * IMAGE-ID}; the id is what an image is known by that came from an archive of {@code docker save} and has no manifest.
 */
public record ImageLock(Map<Reference, Pin> pins) {
    public static final ImageLock EMPTY = new ImageLock(Map.of());

    /** 700 lines of 250 bytes are a fifth of a megabyte. */
    public static final int MAX_BYTES = 16 << 20;

    private static final String HEAD =
            "# Written by 'farrier images check --update-lock': image@manifest digest, image id. Keep it with farrier.yaml.\n";

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    public record Pin(ManifestDigest digest, ImageId id) {
        /** Runtimes know what they pulled by its digest and what they loaded by its id. */
        boolean isMetBy(LocalImage image) {
            return image.digests().contains(digest) || image.id().equals(id);
        }
    }

    public ImageLock {
        pins = Map.copyOf(pins);
    }

    /** @param file named in messages */
    public static ImageLock parse(Path file, String text) throws IOException {
        Map<Reference, Pin> pins = new LinkedHashMap<>();
        String[] lines = text.split("\n", -1);
        for (int at = 0; at < lines.length; at++) {
            String line = lines[at].strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] words = BLANKS.split(line);
            try {
                Reference reference = Reference.parse(words[0]);
                Reference name = reference.withoutDigest();
                if (words.length != 2
                        || reference.digest().isEmpty()
                        || reference.tag().isEmpty()) {
                    throw new InvalidReferenceException("expected NAME:TAG@sha256:... and an image id");
                }
                Pin pin = new Pin(reference.digest().get(), new ImageId(new ManifestDigest(words[1]).value()));
                if (pins.put(name, pin) != null) {
                    throw new InvalidReferenceException(name + " is pinned twice");
                }
            } catch (IllegalArgumentException wrong) {
                throw new IOException(file + ":" + (at + 1) + ": " + wrong.getMessage());
            }
        }
        return new ImageLock(pins);
    }

    public Optional<Pin> find(Reference reference) {
        return Optional.ofNullable(pins.get(reference));
    }

    /** The same with other pins added or moved. */
    public ImageLock with(Map<Reference, Pin> others) {
        Map<Reference, Pin> all = new LinkedHashMap<>(pins);
        all.putAll(others);
        return new ImageLock(all);
    }

    /** In the order of names: the same pins are the same bytes, so that a review shows what moved. */
    public String text() {
        Map<String, String> lines = new TreeMap<>();
        pins.forEach((name, pin) -> lines.put(name.toString(), name.at(pin.digest()) + " " + pin.id() + "\n"));
        return HEAD + String.join("", lines.values());
    }
}
