package io.farrier.images;

import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.Prospect.Kind;
import io.farrier.registry.BadContentException;
import io.farrier.registry.OldManifestException;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.registry.RegistryRefusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Asks registries for an image without pulling it: its manifest and, behind an index, that of this platform. */
public final class Prospects {
    private final RegistryContent content;
    private final Function<RegistryHost, Registry> registries;
    private final Platform platform;

    /** @param registries how each registry is talked to, configured or not */
    public Prospects(RegistryContent content, Function<RegistryHost, Registry> registries, Platform platform) {
        this.content = content;
        this.registries = registries;
        this.platform = platform;
    }

    /** Never throws for what a registry may do. */
    public Prospect of(Reference asked) {
        Registry registry = registries.apply(asked.registry());
        try {
            return present(registry, asked, content.manifest(registry, asked));
        } catch (RegistryRefusal refusal) {
            return Prospect.without(kind(refusal), asked, words(refusal), refusal.retryAfter());
        } catch (OldManifestException old) {
            return Prospect.without(Kind.UNREADABLE, asked, words(old), Optional.empty());
        } catch (BadContentException wrong) {
            // The runtime is not sent there: by a tag it would believe what it is told.
            return Prospect.without(Kind.BUSY, asked, words(wrong), Optional.empty());
        } catch (IOException e) {
            return Prospect.without(Kind.UNREACHABLE, asked, words(e), Optional.empty());
        }
    }

    private static Kind kind(RegistryRefusal refusal) {
        if (refusal.isMissing()) {
            return Kind.MISSING;
        }
        if (refusal.isUnauthorized()) {
            return Kind.UNAUTHORIZED;
        }
        return refusal.mayPass() ? Kind.BUSY : Kind.UNREACHABLE;
    }

    private static String words(IOException e) {
        return String.valueOf(e.getMessage());
    }

    private Prospect present(Registry registry, Reference asked, ImageManifest served) throws IOException {
        ImageManifest image = served;
        if (served.isIndex()) {
            Optional<Blob> child = served.childFor(platform);
            if (child.isEmpty()) {
                return Prospect.without(
                        Kind.MISSING,
                        asked,
                        registry.host() + " has " + asked + ", but not for " + platform + ".",
                        Optional.empty());
            }
            image = content.manifest(registry, childOf(asked, child.get()));
        }
        if (image.isArtifact()) {
            return Prospect.without(
                    Kind.NO_IMAGE,
                    asked,
                    registry.host() + " has " + asked + ", but it is no container image: its configuration is of type "
                            + image.config().map(Blob::mediaType).orElse("") + ".",
                    Optional.empty());
        }
        List<Blob> parts = new ArrayList<>();
        image.config().ifPresent(parts::add);
        image.layers().stream().filter(layer -> !parts.contains(layer)).forEach(parts::add);
        return new Prospect(
                Kind.PRESENT,
                asked,
                Optional.of(served.digest()),
                parts,
                registry.host() + " has it as " + served.digest() + ".",
                Optional.empty());
    }

    private static Reference childOf(Reference index, Blob child) {
        return index.at(new io.farrier.image.ManifestDigest(child.digest())).withoutTag();
    }
}
