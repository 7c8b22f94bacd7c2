package io.farrier.registry;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.pki.Certificate;
import io.farrier.pki.ServerChain;
import java.util.List;
import java.util.Optional;

/**
 * What was seen of one registry, as one runtime sees it.
 *
 * @param door the way that was taken: the last one that was tried
 * @param faults the first is where the runtime stops
 * @param certificate the server's, as far as one was shown and taken
 * @param served the chain of each server that was asked: the registry's first, then its token server's and that of the
 *     store it keeps its blobs in, as far as they were needed
 */
public record Examination(
        Door door,
        List<RegistryFault> faults,
        Optional<Certificate> certificate,
        Authentication authentication,
        List<Image> images,
        List<Served> served) {
    public Examination {
        faults = List.copyOf(faults);
        images = List.copyOf(images);
        served = List.copyOf(served);
    }

    /** What one server showed, whether or not it was taken. */
    public record Served(Door door, ServerChain chain) {}

    /** How a registry lets its clients in. */
    public enum Authentication {
        UNKNOWN,
        NONE,
        BASIC,
        BEARER
    }

    /** @param fault why the image cannot be had; empty when it is there */
    public record Image(Reference reference, Optional<ManifestDigest> digest, Optional<RegistryFault> fault) {}

    /** It did not even come to a connection. */
    public static Examination failed(Door door, RegistryFault fault) {
        return new Examination(door, List.of(fault), Optional.empty(), Authentication.UNKNOWN, List.of(), List.of());
    }

    /** It answered as a registry and this node's runtime would use it. */
    public boolean isGood() {
        return faults.isEmpty();
    }

    /** Nothing is wrong with it, and all images that were asked for are there. */
    public boolean hasAll() {
        return isGood() && images.stream().noneMatch(image -> image.fault().isPresent());
    }

    /** Names the registry and says what was seen and, where there is a way out, what to do. */
    public String sentence() {
        if (isGood()) {
            return door.isVerified()
                    ? door.host() + " answers and is trusted."
                    : door.host() + " answers; it is insecure: nobody verifies it.";
        }
        RegistryFault first = faults.get(0);
        String words = first.words().isEmpty() ? "" : door.host() + ": " + first.words() + ". ";
        String more = faults.size() == 1 ? "" : " And then: " + sentences(faults.subList(1, faults.size()));
        return words + first.sentence() + more;
    }

    private static String sentences(List<RegistryFault> faults) {
        return String.join(" ", faults.stream().map(RegistryFault::sentence).toList());
    }
}
