package io.farrier.images;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LocalImage;
import io.farrier.runtime.PullListener;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Keeps the wanted images on the node. */
public final class ImageKeeper {
    /** Three more tries within one round; the next round is a timer's business. */
    private static final int MAX_ATTEMPTS = 4;

    private final ContainerRuntime runtime;
    private final WantedImages wanted;
    private final Function<RegistryHost, Optional<RegistryCredentials>> credentials;
    private final int parallel;
    private final Clock clock;
    private final Pauses pauses;
    /** Why the last pull of an image failed: while it is missing, that is the news. */
    private final Map<Reference, String> failures = new ConcurrentHashMap<>();

    /**
     * @param credentials farrier's own login for a registry, where one is configured
     * @param parallel how many pulls run at once, at least 1
     */
    public ImageKeeper(
            ContainerRuntime runtime,
            WantedImages wanted,
            Function<RegistryHost, Optional<RegistryCredentials>> credentials,
            int parallel,
            Clock clock) {
        this(
                runtime,
                wanted,
                credentials,
                parallel,
                clock,
                new Pauses(new Random(), duration -> Thread.sleep(duration.toMillis())));
    }

    ImageKeeper(
            ContainerRuntime runtime,
            WantedImages wanted,
            Function<RegistryHost, Optional<RegistryCredentials>> credentials,
            int parallel,
            Clock clock,
            Pauses pauses) {
        this.runtime = runtime;
        this.wanted = wanted;
        this.credentials = credentials;
        this.parallel = parallel;
        this.clock = clock;
        this.pauses = pauses;
    }

    /** Hears about pulls as they go; called from the pulling threads, it must return at once. */
    public interface PullBoard {
        /** At most four times a second for each image. */
        void progress(String reference, long doneBytes, long totalBytes, String note);

        void ended(ImageStatus status);
    }

    /**
     * Which wanted images are there: one list call, and one more for each reference by digest.
     *
     * @throws RuntimeUnavailableException when nobody can say
     */
    public List<ImageStatus> check() throws IOException {
        if (wanted.references().isEmpty()) {
            return List.of();
        }
        Map<String, LocalImage> byTag = new HashMap<>();
        for (LocalImage image : runtime.images()) {
            image.tags().forEach(tag -> byTag.put(tag, image));
        }
        List<ImageStatus> statuses = new ArrayList<>();
        for (Reference reference : wanted.references()) {
            // A list does not say which repository a digest belongs to; runtimes do care.
            Optional<LocalImage> found = reference.digest().isPresent()
                    ? runtime.find(reference)
                    : Optional.ofNullable(byTag.get(reference.toString()));
            statuses.add(found.map(image -> present(reference, image)).orElseGet(() -> missing(reference)));
        }
        return List.copyOf(statuses);
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
        if (before.stream().allMatch(status -> status.state() == State.PRESENT)) {
            return before;
        }
        ExecutorService pool = Executors.newFixedThreadPool(parallel, threads());
        try {
            List<Future<ImageStatus>> after = new ArrayList<>();
            for (int i = 0; i < before.size(); i++) {
                Reference reference = wanted.references().get(i);
                ImageStatus status = before.get(i);
                after.add(pool.submit(() -> status.state() == State.PRESENT ? status : pulled(reference, board)));
            }
            return results(after);
        } finally {
            pool.shutdownNow();
        }
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

    private ImageStatus pulled(Reference reference, PullBoard board) {
        ImageStatus ended = pull(reference, board);
        if (ended.state() == State.FAILED) {
            failures.put(reference, ended.reason());
        } else {
            failures.remove(reference);
        }
        board.ended(ended);
        return ended;
    }

    private ImageStatus pull(Reference reference, PullBoard board) {
        PullRequest request = new PullRequest(reference, credentials.apply(reference.registry()));
        for (int attempt = 1; ; attempt++) {
            try {
                return present(reference, runtime.pull(request, new SteadyListener(reference, board, clock)));
            } catch (RuntimeUnavailableException away) {
                return absent(reference, State.UNKNOWN, words(away));
            } catch (IOException failure) {
                if (attempt == MAX_ATTEMPTS || !PullFailure.mayPass(words(failure)) || !paused(attempt)) {
                    return absent(reference, State.FAILED, words(failure));
                }
                board.progress(reference.toString(), 0, 0, "trying again: " + words(failure));
            }
        }
    }

    private static String words(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    /** False when the wait was interrupted. */
    private boolean paused(int attempt) {
        try {
            pauses.after(attempt);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
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

    /** Passes on what a pull says of itself, four times a second at most. dockerd says it ten times, for each layer. */
    private static final class SteadyListener implements PullListener {
        private static final Duration INTERVAL = Duration.ofMillis(250);

        private final Reference reference;
        private final PullBoard board;
        private final Clock clock;
        private long nextMillis = Long.MIN_VALUE;

        SteadyListener(Reference reference, PullBoard board, Clock clock) {
            this.reference = reference;
            this.board = board;
            this.clock = clock;
        }

        @Override
        public void progress(PullProgress progress) {
            long now = clock.millis();
            if (now >= nextMillis) {
                nextMillis = now + INTERVAL.toMillis();
                board.progress(reference.toString(), progress.doneBytes(), progress.totalBytes(), progress.note());
            }
        }
    }
}
