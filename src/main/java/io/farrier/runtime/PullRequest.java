package io.farrier.runtime;

import io.farrier.image.Blob;
import io.farrier.image.Reference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One image to pull. The credentials are farrier's own for this registry; the daemon stores none.
 *
 * @param parts the blobs it is made of, as far as they are known; progress is told in their bytes where the runtime
 *     itself says nothing
 * @param patience how long a download may stand still; there is no limit on the whole
 */
public record PullRequest(
        Reference reference, Optional<RegistryCredentials> credentials, List<Blob> parts, Duration patience) {
    /** A congested line drops for a minute now and then; TCP recovers within two. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(2);

    /** Bytes a second, as they travel. */
    private static final long SLOW_DISK = 4_000_000;

    public PullRequest {
        parts = List.copyOf(parts);
    }

    public PullRequest(Reference reference, Optional<RegistryCredentials> credentials) {
        this(reference, credentials, List.of(), DEFAULT_PATIENCE);
    }

    /**
     * How long it may be silent while it unpacks, which need not show: the slowest disk that still carries a node writes the
     * whole image in that time. No runtime is trusted to end by itself.
     */
    public Duration patienceWhileUnpacking() {
        long bytes = parts.stream().mapToLong(Blob::size).sum();
        return patience.multipliedBy(5).plusSeconds(bytes / SLOW_DISK);
    }
}
