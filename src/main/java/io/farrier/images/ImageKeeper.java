package io.farrier.images;

import io.farrier.config.FarrierConfig;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ImageLock.Pin;
import io.farrier.images.ImagePuller.WaitingException;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Keeps the wanted images on the node. */
public final class ImageKeeper {
    private static final Duration BETWEEN_LOOKS_AT_DISK = Duration.ofMillis(500);

    private final ContainerRuntime runtime;
    private final Wish wanted;
    private final ImageLock lock;
    private final ImagePuller puller;
    private final Optional<Holds> holds;
    private final Returns returns;
    private final SharedDisk disk;
    private final Optional<Long> maxBytes;
    private final int parallel;
    /** Why the last pull of an image failed: while it is missing, that is the news. */
    private final Map<Reference, String> failures = new ConcurrentHashMap<>();
    /** What was here once: when it is missing again, somebody has removed it. */
    private final Set<Reference> seen = ConcurrentHashMap.newKeySet();

    private ImageKeeper(Builder parts) {
        this.runtime = parts.runtime;
        this.wanted = parts.wanted;
        this.lock = parts.lock;
        // With a rate, several at once would be no faster on the average and three times as much at a time.
        this.parallel = parts.maxRate.isPresent() ? 1 : parts.parallel;
        this.maxBytes = parts.maxBytes;
        this.disk = new SharedDisk(parts.disk, BETWEEN_LOOKS_AT_DISK);
        this.returns = new Returns(parts.returns, parts.clock);
        this.holds = parts.holding.map(which -> new Holds(parts.runtime, which));
        this.puller = new ImagePuller(
                parts.runtime,
                new ImagePuller.Means(
                        parts.look,
                        parts.sources,
                        parts.credentials,
                        parts.shelf,
                        new Truce(parts.disk, parts.gcThreshold),
                        new Pacer(parts.maxRate, System::nanoTime, parts.pauses.sleeper()),
                        parts.patience),
                parts.lock,
                parts.pauses,
                parts.clock);
    }

    /** What is wanted now: which pause image counts may change with a restart of the runtime. */
    public interface Wish {
        WantedImages now() throws IOException;
    }

    public static Builder of(ContainerRuntime runtime, WantedImages wanted, Clock clock) {
        return of(runtime, () -> wanted, clock);
    }

    public static Builder of(ContainerRuntime runtime, Wish wanted, Clock clock) {
        return new Builder(runtime, wanted, clock);
    }

    /** How it keeps them. Without a word: by tag, from their own registries, three at a time, holding none. */
    public static final class Builder {
        private final ContainerRuntime runtime;
        private final Wish wanted;
        private final Clock clock;
        private ImageLock lock = ImageLock.EMPTY;
        private Optional<ImagePuller.Look> look = Optional.empty();
        private Sources sources = new Sources(Map.of(), List.of());
        private Function<RegistryHost, Optional<RegistryCredentials>> credentials = host -> Optional.empty();
        private ImagePuller.Shelf shelf = ImagePuller.Shelf.EMPTY;
        private ImageDisk disk = ImageDisk.UNKNOWN;
        private Optional<Holds.Which> holding = Optional.empty();
        private Pauses pauses = new Pauses(new Random(), duration -> Thread.sleep(duration.toMillis()));
        private Duration patience = PullRequest.DEFAULT_PATIENCE;
        private Optional<Long> maxBytes = Optional.empty();
        private Optional<Long> maxRate = Optional.empty();
        private int gcThreshold = 100;
        private int returns = Integer.MAX_VALUE;
        private int parallel = 3;

        private Builder(ContainerRuntime runtime, Wish wanted, Clock clock) {
            this.runtime = runtime;
            this.wanted = wanted;
            this.clock = clock;
        }

        public Builder locked(ImageLock pins) {
            lock = pins;
            return this;
        }

        /** Asks the registry for an image before the runtime does. */
        public Builder lookingFirst(Prospects prospects) {
            look = Optional.of(prospects::of);
            return this;
        }

        Builder lookingFirst(ImagePuller.Look first) {
            look = Optional.of(first);
            return this;
        }

        public Builder from(Sources where) {
            sources = where;
            return this;
        }

        /** @param logins farrier's own login for a registry, where one is configured */
        public Builder with(Function<RegistryHost, Optional<RegistryCredentials>> logins) {
            credentials = logins;
            return this;
        }

        public Builder andFrom(ArchiveShelf archives) {
            shelf = archives::load;
            return this;
        }

        public Builder on(ImageDisk imageDisk) {
            disk = imageDisk;
            return this;
        }

        /** @param parallel how many pulls run at once, at least 1 */
        public Builder at(int parallel) {
            this.parallel = parallel;
            return this;
        }

        /** @param isDocker whether a hold costs a container */
        public Builder as(FarrierConfig.Pulls configured, boolean isDocker) {
            holding = Optional.of(Holds.Which.of(configured.hold(), isDocker));
            patience = configured.patience();
            maxBytes = configured.maxBytes();
            maxRate = configured.maxRate();
            gcThreshold = configured.gcThreshold();
            returns = configured.returns();
            return this;
        }

        Builder pausing(Pauses between) {
            pauses = between;
            return this;
        }

        public ImageKeeper build() {
            return new ImageKeeper(this);
        }
    }

    /**
     * Which wanted images are there: one list call, and one more for each reference by digest.
     *
     * @throws RuntimeUnavailableException when nobody can say
     */
    public List<ImageStatus> check() throws IOException {
        List<Reference> references = wanted.now().references();
        if (references.isEmpty()) {
            return List.of();
        }
        Map<String, LocalImage> byTag = new HashMap<>();
        for (LocalImage image : runtime.images()) {
            image.tags().forEach(tag -> byTag.put(tag, image));
        }
        List<ImageStatus> statuses = new ArrayList<>();
        for (Reference reference : references) {
            // A list does not say which repository a digest belongs to; runtimes do care.
            Optional<LocalImage> found = reference.digest().isPresent()
                    ? runtime.find(reference)
                    : Optional.ofNullable(byTag.get(reference.toString()));
            statuses.add(found.map(image -> status(reference, image)).orElseGet(() -> missing(reference)));
        }
        return List.copyOf(statuses);
    }

    private ImageStatus status(Reference reference, LocalImage image) {
        Optional<Pin> pin = lock.find(reference);
        if (pin.isPresent() && !pin.get().isMetBy(image)) {
            return absent(
                    reference,
                    State.MISSING,
                    "It is here as " + image.id() + ", but the lock says "
                            + pin.get().digest() + ".");
        }
        seen.add(reference);
        return present(reference, image);
    }

    /** Everything the runtime holds, wanted or not, once for each name. */
    public List<ImageStatus> held() throws IOException {
        return runtime.images().stream()
                .flatMap(image -> image.tags().stream().map(tag -> present(Reference.parse(tag), image)))
                .toList();
    }

    /**
     * Pulls what is missing, pause images first; one image's failure never stops the rest. Returns how each ended.
     *
     * @throws RuntimeUnavailableException when the runtime was not there to begin with
     */
    public List<ImageStatus> keep(PullBoard board) throws IOException {
        List<ImageStatus> before = check();
        List<ImageStatus> after =
                before.stream().allMatch(status -> status.state() == State.PRESENT) ? before : complete(before, board);
        hold(after);
        return after;
    }

    /** Holds what is here against the garbage collector, as configured, and lets go of what is wanted no more. */
    public void hold(List<ImageStatus> images) throws IOException {
        if (holds.isPresent()) {
            holds.get().keep(images);
        }
    }

    private List<ImageStatus> complete(List<ImageStatus> before, PullBoard board) throws IOException {
        AtomicLong room = new AtomicLong(maxBytes.orElse(Long.MAX_VALUE) - bytes(before));
        ExecutorService pool = Executors.newFixedThreadPool(parallel, threads());
        try (LookAhead ahead = new LookAhead(missing(before), parallel, puller::look)) {
            List<Future<ImageStatus>> after = new ArrayList<>();
            for (ImageStatus status : before) {
                Reference reference = Reference.parse(status.reference());
                after.add(pool.submit(
                        () -> status.state() == State.PRESENT ? status : pulled(reference, room, ahead, board)));
            }
            return results(after);
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<Reference> missing(List<ImageStatus> statuses) {
        return statuses.stream()
                .filter(status -> status.state() != State.PRESENT)
                .map(status -> Reference.parse(status.reference()))
                .toList();
    }

    /** One image under two names counts once. */
    private static long bytes(List<ImageStatus> statuses) {
        Map<String, Long> sizes = new HashMap<>();
        statuses.forEach(status -> sizes.put(status.imageId().orElse(status.reference()), status.sizeBytes()));
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    private static ThreadFactory threads() {
        AtomicInteger number = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, "pull-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private static List<ImageStatus> results(List<Future<ImageStatus>> futures) throws IOException {
        List<ImageStatus> results = new ArrayList<>();
        for (Future<ImageStatus> future : futures) {
            try {
                results.add(future.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("pulling images was interrupted", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("a pull failed in a way that was not foreseen", e.getCause());
            }
        }
        return List.copyOf(results);
    }

    private ImageStatus pulled(Reference reference, AtomicLong room, LookAhead ahead, PullBoard board) {
        ImageStatus ended = room.get() <= 0 && !WantedImages.isPause(reference)
                ? absent(
                        reference,
                        State.MISSING,
                        "It waits: the wanted images have filled 'images.max_bytes' (" + maxBytes.orElse(0L)
                                + " bytes).")
                : returned(reference, ahead, board);
        room.addAndGet(-ended.sizeBytes());
        if (ended.state() == State.PRESENT) {
            failures.remove(reference);
            seen.add(reference);
        } else {
            failures.put(reference, ended.reason());
        }
        board.ended(ended);
        return ended;
    }

    private ImageStatus returned(Reference reference, LookAhead ahead, PullBoard board) {
        if (!seen.contains(reference)) {
            return pull(reference, ahead, board);
        }
        Optional<String> objection = returns.objection(reference);
        if (objection.isPresent()) {
            return absent(reference, State.FAILED, objection.get());
        }
        returns.count(reference);
        return pull(reference, ahead, board);
    }

    private ImageStatus pull(Reference reference, LookAhead ahead, PullBoard board) {
        try {
            return present(reference, disk.beside(() -> puller.pull(reference, ahead, board)));
        } catch (RuntimeUnavailableException away) {
            return absent(reference, State.UNKNOWN, words(away));
        } catch (WaitingException waiting) {
            return absent(reference, State.MISSING, words(waiting));
        } catch (IOException failure) {
            return absent(reference, State.FAILED, words(failure));
        }
    }

    private static String words(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private static ImageStatus present(Reference reference, LocalImage image) {
        Optional<String> digest = reference
                .digest()
                .or(() -> image.digests().stream().findFirst())
                .map(ManifestDigest::value);
        return new ImageStatus(
                reference.toString(), State.PRESENT, Optional.of(image.id().value()), digest, image.sizeBytes(), "");
    }

    private ImageStatus missing(Reference reference) {
        String failure = failures.get(reference);
        return failure == null
                ? absent(reference, State.MISSING, "not on this node")
                : absent(reference, State.FAILED, failure);
    }

    private static ImageStatus absent(Reference reference, State state, String reason) {
        return new ImageStatus(reference.toString(), state, Optional.empty(), Optional.empty(), 0, reason);
    }
}
