package io.farrier.images;

import io.farrier.image.Blob;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ImageLock.Pin;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether registries hold what a node will ask them for, without pulling anything. */
public final class Forecast {
    private static final int PARALLEL = 16; // 700 references take seconds, and a registry does not notice

    private final Prospects prospects;
    private final Sources sources;
    private final ImageLock lock;
    private final List<RegistryHost> configured;

    /** @param configured the registries that might have what another one lacks */
    public Forecast(Prospects prospects, Sources sources, ImageLock lock, List<RegistryHost> configured) {
        this.prospects = prospects;
        this.sources = sources;
        this.lock = lock;
        this.configured = List.copyOf(configured);
    }

    /**
     * @param prospect what was seen, and where: perhaps in a mirror, or in another registry than the reference names
     * @param hint which setting would lead to a registry that has it
     */
    public record Line(Reference reference, Prospect prospect, Optional<Pin> pin, Optional<String> hint) {
        public Reference asked() {
            return prospect.asked();
        }

        /** It cannot be pulled as it stands. */
        public boolean isMissing() {
            return !prospect.isPresent() || isRepointed();
        }

        /** The tag leads to other bytes than the lock says. */
        public boolean isRepointed() {
            return pin.isPresent()
                    && prospect.digest().isPresent()
                    && !prospect.digest().get().equals(pin.get().digest());
        }

        /** What was answered, in one lower-case word. */
        public String word() {
            return isRepointed() ? "repointed" : prospect.kind().name().toLowerCase(Locale.ROOT);
        }

        /** What was answered, in one sentence or two. */
        public String sentence() {
            String seen = isRepointed()
                    ? "The lock says " + pin.orElseThrow().digest() + ", but the tag leads to "
                            + prospect.digest().orElseThrow() + ". farrier pulls what the lock says;"
                            + " accept the new one with --update-lock."
                    : prospect.sentence();
            return hint.map(more -> seen + " " + more).orElse(seen);
        }

        public Optional<ManifestDigest> digest() {
            return prospect.digest();
        }
    }

    /**
     * One line for each reference, in their order.
     *
     * @param registry to be asked instead of the references' own
     */
    public List<Line> of(List<Reference> references, Optional<RegistryHost> registry) throws IOException {
        return Abreast.each(PARALLEL, "forecast", references, reference -> line(reference, registry));
    }

    private Line line(Reference reference, Optional<RegistryHost> registry) {
        Prospect seen = registry.map(reference::under).map(prospects::of).orElseGet(() -> ofRuntime(reference));
        Optional<String> hint = seen.kind() == Prospect.Kind.MISSING ? hint(reference, seen) : Optional.empty();
        return new Line(reference, seen, lock.find(reference), hint);
    }

    /** As the runtime would: mirrors first, and the last word is that of the reference's own registry. */
    private Prospect ofRuntime(Reference reference) {
        Prospect last = Prospect.without(Prospect.Kind.MISSING, reference, "nobody was asked", Optional.empty());
        for (Reference endpoint : sources.ofRuntime(reference)) {
            last = prospects.of(endpoint);
            if (last.isPresent()) {
                return last;
            }
        }
        return last;
    }

    private Optional<String> hint(Reference reference, Prospect missing) {
        return configured.stream()
                .filter(host -> !host.equals(missing.asked().registry()))
                .filter(host -> prospects.of(reference.under(host)).isPresent())
                .findFirst()
                .map(host -> host + " has it: 'mirrors: {" + reference.registry() + ": {endpoints: [\"https://" + host
                        + "\"]}}'"
                        + (reference.registry().equals(RegistryHost.DOCKER_HUB)
                                ? " or 'images.system_default_registry: " + host + "'"
                                : "")
                        + " would lead there.");
    }

    /** Layers that several images share count once. */
    public record ToPull(int images, long bytes) {}

    /** @param here what the node has already */
    public static ToPull toPull(List<Line> lines, Collection<Reference> here) {
        Map<String, Long> blobs = new HashMap<>();
        int images = 0;
        for (Line line : lines) {
            if (line.prospect().isPresent() && !here.contains(line.reference())) {
                images++;
                for (Blob part : line.prospect().parts()) {
                    blobs.put(part.digest(), part.size());
                }
            }
        }
        return new ToPull(
                images, blobs.values().stream().mapToLong(Long::longValue).sum());
    }

    /** What a lock file would say of those that are present. */
    public static Map<Reference, Pin> pins(List<Line> lines) {
        Map<Reference, Pin> pins = new LinkedHashMap<>();
        for (Line line : lines) {
            Prospect seen = line.prospect();
            if (seen.digest().isPresent()
                    && seen.id().isPresent()
                    && line.reference().tag().isPresent()) {
                pins.put(
                        line.reference().withoutDigest(),
                        new Pin(seen.digest().get(), seen.id().get()));
            }
        }
        return pins;
    }
}
