package io.farrier.images;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The images a node must have, each under the exact name pods ask for: system-default-registry replaces Docker Hub, and
 * only that. Pause images come first, because without one a node starts no pod.
 */
public record WantedImages(List<Reference> references) {
    private static final Set<String> PAUSE_NAMES = Set.of("pause", "mirrored-pause", "pause-amd64", "pause-arm64");

    public WantedImages {
        references = List.copyOf(references);
    }

    /**
     * @param listed what the configuration and its list files name
     * @param profiles further images by profile
     * @param systemDefaultRegistry as Rancher, k3s and RKE2 are configured with
     */
    public static WantedImages of(
            Collection<Reference> listed, Collection<Profile> profiles, Optional<RegistryHost> systemDefaultRegistry) {
        Set<Reference> named = new LinkedHashSet<>();
        Stream.concat(listed.stream(), profiles.stream().flatMap(profile -> profile.references().stream()))
                .map(reference -> asAskedFor(reference, systemDefaultRegistry))
                .forEach(named::add);
        return new WantedImages(Stream.concat(
                        named.stream().filter(WantedImages::isPause),
                        named.stream().filter(reference -> !isPause(reference)))
                .toList());
    }

    /** The same with the pause image that is in effect: its name is exact already, and it comes before all others. */
    public WantedImages withPause(Reference pause) {
        return new WantedImages(
                Stream.concat(Stream.of(pause), references.stream()).distinct().toList());
    }

    private static Reference asAskedFor(Reference reference, Optional<RegistryHost> systemDefaultRegistry) {
        return systemDefaultRegistry
                .filter(other -> reference.registry().equals(RegistryHost.DOCKER_HUB))
                .map(reference::under)
                .orElse(reference);
    }

    static boolean isPause(Reference reference) {
        String path = reference.path();
        return PAUSE_NAMES.contains(path.substring(path.lastIndexOf('/') + 1));
    }
}
