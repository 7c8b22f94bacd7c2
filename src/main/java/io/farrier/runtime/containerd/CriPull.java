package io.farrier.runtime.containerd;

import io.farrier.image.Blob;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullListener.PullProgress;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.StalledPullException;
import io.farrier.runtime.containerd.services.Status;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * One {@code PullImage}, which says nothing until it ends. How far it is shows in the content store, where its layers
 * are being written; a layer that stands still there ends the pull. How it is unpacked shows nowhere.
 */
final class CriPull {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final ContentStore content;
    private final PullRequest request;
    private final PullListener listener;
    private final Set<String> wanted;
    /** Bytes there are of each layer that was seen on its way, and of how many. */
    private final Map<String, Long> done = new HashMap<>();

    private final Map<String, Long> totals = new HashMap<>();
    private Map<String, Long> lastSeen = Map.of();
    private long movedAt = System.nanoTime();
    private boolean showsContent = true;

    CriPull(ContentStore content, PullRequest request, PullListener listener) {
        this.content = content;
        this.request = request;
        this.listener = listener;
        this.wanted = request.parts().stream().map(Blob::digest).collect(Collectors.toSet());
        request.parts().forEach(part -> totals.put(part.digest(), part.size()));
    }

    /** @param pull the call itself; it is interrupted when it stands still */
    void run(Callable<?> pull) throws IOException {
        FutureTask<?> call = new FutureTask<>(pull);
        Thread thread = new Thread(call, "cri-pull");
        thread.setDaemon(true);
        thread.start();
        listener.progress(new PullProgress(0, total(), "Pulling"));
        try {
            while (!hasEnded(call)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The pull of " + request.reference() + " was interrupted.");
        } finally {
            call.cancel(true);
        }
        listener.progress(new PullProgress(total(), total(), "Pull complete"));
    }

    private static boolean hasEnded(FutureTask<?> call) throws IOException, InterruptedException {
        try {
            call.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        }
    }

    private void look() throws IOException {
        Map<String, Long> now = seen();
        if (!now.equals(lastSeen)) {
            lastSeen = now;
            movedAt = System.nanoTime();
            tell(now);
        }
        Duration still = Duration.ofNanos(System.nanoTime() - movedAt);
        if (still.compareTo(request.patience()) <= 0) {
            return;
        }
        Duration patience = now.isEmpty() && !isResolving() ? request.patienceWhileUnpacking() : request.patience();
        if (still.compareTo(patience) > 0) {
            throw new StalledPullException(request.reference(), patience);
        }
    }

    /** Nothing of it has come yet, and not all of it is here: then it waits for a registry to say what the name means. */
    private boolean isResolving() throws IOException {
        if (!showsContent || !done.isEmpty()) {
            return false;
        }
        for (Blob part : request.parts()) {
            if (!content.has(part)) {
                return true;
            }
        }
        return request.parts().isEmpty();
    }

    /** By digest; refs are {@code layer-sha256:...}, {@code config-sha256:...}. */
    private Map<String, Long> seen() {
        Map<String, Long> seen = new HashMap<>();
        try {
            for (Status status : content.inProgress()) {
                int at = status.getRef().indexOf("sha256:");
                String digest = at < 0 ? status.getRef() : status.getRef().substring(at);
                if (wanted.isEmpty() || wanted.contains(digest)) {
                    seen.put(digest, status.getOffset());
                    totals.putIfAbsent(digest, status.getTotal());
                }
            }
        } catch (IOException notServed) {
            // cri-o and others serve CRI alone; then there is a spinner and no bytes.
            showsContent = false;
            return Map.of();
        }
        return seen;
    }

    private void tell(Map<String, Long> now) {
        done.replaceAll((digest, bytes) -> now.containsKey(digest) ? bytes : totals.getOrDefault(digest, bytes));
        done.putAll(now);
        long bytes = done.values().stream().mapToLong(Long::longValue).sum();
        listener.progress(
                new PullProgress(Math.min(bytes, total()), total(), now.isEmpty() ? "Extracting" : "Downloading"));
    }

    private long total() {
        return totals.values().stream().mapToLong(Long::longValue).sum();
    }
}
