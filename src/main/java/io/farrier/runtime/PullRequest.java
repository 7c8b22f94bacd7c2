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

    public PullRequest {
        parts = List.copyOf(parts);
    }

    public PullRequest(Reference reference, Optional<RegistryCredentials> credentials) {
        this(reference, credentials, List.of(), DEFAULT_PATIENCE);
    }
}
