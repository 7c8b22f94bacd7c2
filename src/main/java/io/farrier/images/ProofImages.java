package io.farrier.images;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LocalImage;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which wanted image of a registry is the smallest to pull: there is none smaller than a pause image. */
public final class ProofImages {
    private final ContainerRuntime runtime;
    private final WantedImages wanted;

    public ProofImages(ContainerRuntime runtime, WantedImages wanted) {
        this.runtime = runtime;
        this.wanted = wanted;
    }

    /** Empty where no image of it is wanted. */
    public Optional<Reference> smallestOf(RegistryHost registry) {
        List<Reference> candidates = wanted.references().stream()
                .filter(reference -> reference.registry().equals(registry))
                .toList();
        Optional<Reference> pause =
                candidates.stream().filter(WantedImages::isPause).findFirst();
        return pause.isPresent() ? pause : smallest(candidates);
    }

    public boolean isWanted(Reference reference) {
        return wanted.references().contains(reference);
    }

    /** By what is here of them; without any, the first that is listed. */
    private Optional<Reference> smallest(List<Reference> candidates) {
        if (candidates.size() < 2) {
            return candidates.stream().findFirst();
        }
        Map<String, Long> sizes = sizes();
        return candidates.stream()
                .min(Comparator.comparing(reference -> sizes.getOrDefault(reference.toString(), Long.MAX_VALUE)));
    }

    private Map<String, Long> sizes() {
        Map<String, Long> sizes = new HashMap<>();
        try {
            for (LocalImage image : runtime.images()) {
                image.tags().forEach(tag -> sizes.put(tag, image.sizeBytes()));
            }
        } catch (IOException toldByThePull) {
            sizes.clear();
        }
        return sizes;
    }
}
