package io.farrier.images;

import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ImageLock.Pin;
import io.farrier.images.PullFailure.Again;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.RuntimeUnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Brings one image to the node. It looks before it pulls, so that it pulls exactly the bytes it looked at, knows how many
 * they are, and is told by the registry itself when to come back. What its registry does not give it takes from where
 * farrier alone looks: other registries, archives on the node.
 */
final class ImagePuller {
    /** Within one round, with growing pauses: half a minute in all. The next round is a timer's business. */
    private static final int MAX_ATTEMPTS = 6;

    private final ContainerRuntime runtime;
    private final Means means;
    private final ImageLock lock;
    private final Pauses pauses;
    private final Clock clock;

    /** Finds out about an image without pulling it. */
    interface Look {
        Prospect at(Reference reference);
    }

    /** Archives on the node. */
    interface Shelf {
        Shelf EMPTY = (wanted, pin, runtime) -> Optional.empty();

        Optional<Path> load(Reference wanted, Optional<Pin> pin, ContainerRuntime runtime) throws IOException;
    }

    /**
     * What it needs besides the runtime.
     *
     * @param look empty to ask nobody beforehand
     */
    record Means(
            Optional<Look> look,
            Sources sources,
            Function<RegistryHost, Optional<RegistryCredentials>> credentials,
            Shelf shelf,
            Truce truce,
            Pacer pacer,
            Duration patience) {}

    ImagePuller(ContainerRuntime runtime, Means means, ImageLock lock, Pauses pauses, Clock clock) {
        this.runtime = runtime;
        this.means = means;
        this.lock = lock;
        this.pauses = pauses;
        this.clock = clock;
    }

    /** It may be had later: there is no space, or too much of it went already. */
    static final class WaitingException extends IOException {
        private static final long serialVersionUID = 1L;

        WaitingException(String because) {
            super(because);
        }
    }

    /** @throws IOException with the exact reason, in the registry's or the runtime's own words */
    LocalImage pull(Reference wanted, LookAhead ahead, PullBoard board) throws IOException {
        Optional<Failure> before = Optional.empty();
        for (int attempt = 1; ; attempt++) {
            Failure failure;
            try {
                return once(wanted, ahead, board, before);
            } catch (RuntimeUnavailableException | WaitingException noUse) {
                throw noUse;
            } catch (Failure known) {
                failure = known;
            }
            Optional<LocalImage> elsewhere = attempt == 1 ? elsewhere(wanted, board, failure) : Optional.empty();
            if (elsewhere.isPresent()) {
                return elsewhere.get();
            }
            if (attempt == MAX_ATTEMPTS || failure.again == Again.NO) {
                throw failure;
            }
            board.progress(wanted.toString(), 0, 0, "trying again: " + failure.getMessage());
            pause(attempt, failure.retryAfter);
            before = Optional.of(failure);
        }
    }

    private void pause(int attempt, Optional<Duration> retryAfter) throws IOException {
        try {
            pauses.after(attempt, retryAfter);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the pull was interrupted");
        }
    }

    /** Why one attempt came to nothing, and whether another one makes sense. */
    private static final class Failure extends IOException {
        private static final long serialVersionUID = 1L;

        private final Again again;
        private final transient Optional<Duration> retryAfter;

        Failure(String words, Again again, Optional<Duration> retryAfter, IOException cause) {
            super(words, cause);
            this.again = again;
            this.retryAfter = retryAfter;
        }
    }

    // ---- from its own registry

    private LocalImage once(Reference wanted, LookAhead ahead, PullBoard board, Optional<Failure> before)
            throws IOException {
        Optional<Prospect> prospect = ahead.at(wanted);
        if (prospect.isPresent()) {
            refuse(prospect.get());
        }
        boolean isSeen = prospect.map(Prospect::isPresent).orElse(false);
        if (before.isPresent() && before.get().again == Again.IF_SEEN && !isSeen) {
            throw before.get();
        }
        return fetch(wanted, exact(wanted), prospect, board);
    }

    private Reference exact(Reference wanted) {
        return lock.find(wanted).map(pin -> wanted.at(pin.digest())).orElse(wanted);
    }

    /** What the runtime would find under this name; empty when nobody is to be asked beforehand. */
    Optional<Prospect> look(Reference wanted) {
        return look(means.sources().ofRuntime(exact(wanted)));
    }

    /** The first that has it; else what the last one said, which is the one of the reference itself. */
    private Optional<Prospect> look(List<Reference> endpoints) {
        if (means.look().isEmpty()) {
            return Optional.empty();
        }
        Prospect last = null;
        for (Reference endpoint : endpoints) {
            last = means.look().get().at(endpoint);
            if (last.isPresent()) {
                break;
            }
        }
        return Optional.ofNullable(last);
    }

    /**
     * A registry that says no will say so to the runtime, too; one that did not answer farrier may answer the runtime,
     * which may know a proxy, a CA or a login that farrier does not, or a form of manifests that is out of use.
     */
    private void refuse(Prospect prospect) throws Failure {
        boolean hasOwnLogin =
                means.credentials().apply(prospect.asked().registry()).isPresent();
        switch (prospect.kind()) {
            case MISSING, NO_IMAGE -> throw failure(prospect, Again.NO);
            case BUSY -> throw failure(prospect, Again.YES);
            case UNAUTHORIZED -> {
                if (hasOwnLogin) {
                    throw failure(prospect, Again.NO);
                }
            }
            case PRESENT, UNREACHABLE, UNREADABLE -> {}
        }
    }

    private static Failure failure(Prospect prospect, Again again) {
        return new Failure(prospect.sentence(), again, prospect.retryAfter(), new IOException(prospect.sentence()));
    }

    private LocalImage fetch(Reference wanted, Reference exact, Optional<Prospect> prospect, PullBoard board)
            throws IOException {
        long bytes = prospect.map(Prospect::bytes).orElse(0L);
        Optional<String> objection = means.truce().objection(bytes, WantedImages.isPause(wanted));
        if (objection.isPresent()) {
            throw new WaitingException(objection.get());
        }
        pace(bytes);
        Reference pulled = prospect.flatMap(Prospect::digest).map(exact::at).orElse(exact);
        try {
            return run(pulled, prospect, board, wanted);
        } catch (RuntimeUnavailableException away) {
            throw away;
        } catch (IOException failure) {
            Again again = PullFailure.again(words(failure), prospect.map(Prospect::kind));
            throw new Failure(words(failure), again, Optional.empty(), failure);
        }
    }

    private LocalImage run(Reference pulled, Optional<Prospect> prospect, PullBoard board, Reference wanted)
            throws IOException {
        PullRequest request = new PullRequest(
                pulled,
                means.credentials().apply(pulled.registry()),
                prospect.map(Prospect::parts).orElse(List.of()),
                means.patience());
        LocalImage image = runtime.pull(request, new SteadyListener(wanted, board, clock));
        Optional<ImageId> expected = lock.find(wanted).map(Pin::id);
        Optional<ManifestDigest> digest = pulled.digest();
        if (digest.isPresent()
                && !image.digests().contains(digest.get())
                && expected.map(id -> !id.equals(image.id())).orElse(false)) {
            throw new IOException("The runtime pulled " + pulled + " and holds " + image.id() + " under that name.");
        }
        return image;
    }

    private void pace(long bytes) throws InterruptedIOException {
        try {
            means.pacer().take(bytes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the pull was interrupted");
        }
    }

    private static String words(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    // ---- from elsewhere

    private Optional<LocalImage> elsewhere(Reference wanted, PullBoard board, Failure first) throws IOException {
        for (Reference other : means.sources().fallbacks(wanted)) {
            Optional<LocalImage> found = fromFallback(wanted, other, board);
            if (found.isPresent()) {
                return found;
            }
        }
        return fromShelf(wanted, first);
    }

    private Optional<LocalImage> fromFallback(Reference wanted, Reference other, PullBoard board) throws IOException {
        Reference exact = lock.find(wanted).map(pin -> other.at(pin.digest())).orElse(other);
        Optional<Prospect> prospect = look(List.of(exact));
        if (prospect.isEmpty() || !prospect.get().isPresent()) {
            return Optional.empty();
        }
        try {
            LocalImage image = fetch(wanted, exact, prospect, board);
            runtime.tag(image.id(), wanted.withoutDigest());
            return runtime.find(wanted.withoutDigest());
        } catch (Failure thatOneFailedToo) {
            return Optional.empty();
        }
    }

    private Optional<LocalImage> fromShelf(Reference wanted, Failure first) throws IOException {
        try {
            Optional<Path> archive = means.shelf().load(wanted, lock.find(wanted), runtime);
            return archive.isPresent() ? runtime.find(wanted) : Optional.empty();
        } catch (RuntimeUnavailableException away) {
            throw away;
        } catch (IOException refused) {
            throw new Failure(first.getMessage() + " " + words(refused), first.again, first.retryAfter, refused);
        }
    }
}
