package io.farrier.reconcile;

import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.plan.Change;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Registry;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RegistryCredentials;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Proof by pull (MISSION T11, SAFETY 54): the runtime itself looks at the registry and pulls an image of it, by digest, so
 * that no tag on the node moves. What was not on the node before goes again, unless it is wanted anyway.
 */
public final class PullProof implements Prover {
    /** A registry that says nothing for so long is no proof; the change is in effect meanwhile. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Fifty registries behind a line that stalls must not keep the agent from its other changes. */
    private static final Duration ALTOGETHER = Duration.ofMinutes(10);

    /** dockerd 20.10 asks for a manifest by HEAD and then by GET, and sends a login that was refused both times. */
    private static final int ATTEMPTS_OF_A_LOOK = 2;

    private static final Duration ONCE_A_DAY = Duration.ofDays(1);
    private static final int MAX_SHOWN = 500;

    private final ContainerRuntime runtime;
    private final Function<RegistryHost, Optional<Image>> images;
    private final Function<RegistryHost, Optional<RegistryCredentials>> credentials;
    private final LoginMemory logins;
    private final Clock clock;
    private final Map<RegistryHost, Instant> proven = new HashMap<>();

    /** @param isWanted whether the node keeps it, so that it stays after the proof */
    public record Image(Reference reference, boolean isWanted) {}

    /**
     * @param images what each registry is proven with; empty where no image of it is named
     * @param logins where it is noted that the registry refused one
     */
    public PullProof(
            ContainerRuntime runtime,
            Function<RegistryHost, Optional<Image>> images,
            Function<RegistryHost, Optional<RegistryCredentials>> credentials,
            LoginMemory logins,
            Clock clock) {
        this.runtime = runtime;
        this.images = images;
        this.credentials = credentials;
        this.logins = logins;
        this.clock = clock;
    }

    @Override
    public synchronized List<Outcome> prove(Order order, List<Outcome> outcomes) {
        Instant end = clock.instant().plus(ALTOGETHER);
        List<Outcome> proofs = new ArrayList<>();
        for (RegistryHost registry : changed(outcomes)) {
            Optional<Image> image = images.apply(registry);
            if (image.isPresent()
                    && (order.byHand() || isDue(registry))
                    && clock.instant().isBefore(end)) {
                proofs.add(prove(registry, image.get()));
            }
        }
        return List.copyOf(proofs);
    }

    private static Set<RegistryHost> changed(List<Outcome> outcomes) {
        return outcomes.stream()
                .filter(outcome -> outcome.result() == Result.APPLIED)
                .flatMap(outcome -> outcome.done().stream())
                .filter(change -> change.kind() != Change.Kind.REMOVE)
                .flatMap(change -> change.about().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean isDue(RegistryHost registry) {
        Instant last = proven.get(registry);
        return last == null || !clock.instant().isBefore(last.plus(ONCE_A_DAY));
    }

    private Outcome prove(RegistryHost registry, Image image) {
        PullRequest request = request(registry, image.reference());
        try {
            pull(image, request);
            proven.put(registry, clock.instant());
            return outcome(registry, Result.PROVEN, Optional.empty());
        } catch (IOException failure) {
            noteRefusal(registry, request, failure);
            return outcome(registry, Result.UNPROVEN, Optional.of(reason(registry, image, failure)));
        }
    }

    /** It counts with those of probe, pull and forecast: the account must not be locked (SAFETY 16). */
    private void noteRefusal(RegistryHost registry, PullRequest request, IOException failure) {
        if (!LoginMemory.isRefusal(String.valueOf(failure.getMessage()))
                || request.credentials().isEmpty()) {
            return;
        }
        RegistryCredentials used = request.credentials().get();
        for (int attempt = 0; attempt < ATTEMPTS_OF_A_LOOK; attempt++) {
            logins.refused(registry, new Registry.Login(used.username(), used.password()));
        }
    }

    private PullRequest request(RegistryHost registry, Reference reference) {
        return new PullRequest(reference, credentials.apply(registry), List.of(), PATIENCE);
    }

    private void pull(Image image, PullRequest request) throws IOException {
        Optional<ManifestDigest> served = runtime.lookAtRegistry(request);
        Set<ImageId> before = runtime.images().stream().map(LocalImage::id).collect(Collectors.toSet());
        Reference exact = exact(image.reference(), served);
        PullRequest byDigest = new PullRequest(exact, request.credentials(), request.parts(), request.patience());
        LocalImage pulled = runtime.pull(byDigest, progress -> {});
        if (!image.isWanted() && !before.contains(pulled.id())) {
            runtime.remove(exact);
        }
    }

    /** By what is served, else by what is here under this name. */
    private Reference exact(Reference reference, Optional<ManifestDigest> served) throws IOException {
        Optional<ManifestDigest> digest = served.or(reference::digest);
        if (digest.isEmpty()) {
            digest = runtime.find(reference)
                    .flatMap(here -> here.digests().stream().findFirst());
        }
        return digest.isEmpty()
                ? reference
                : new Reference(reference.registry(), reference.path(), Optional.empty(), digest);
    }

    private static Reason reason(RegistryHost registry, Image image, IOException failure) {
        String words = String.valueOf(failure.getMessage()).replaceAll("\\p{Cntrl}+", " ");
        return new Reason(
                "Pulled " + image.reference() + " to prove the change",
                words.substring(0, Math.min(words.length(), MAX_SHOWN)) + ".",
                "The change stays. Run 'farrier probe " + registry + "'.");
    }

    private Outcome outcome(RegistryHost registry, Result result, Optional<Reason> reason) {
        ResourceName name = new ResourceName("proof/" + registry);
        return new Outcome(name, result, List.of(), List.of(), reason, clock.instant());
    }
}
