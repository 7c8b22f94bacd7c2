package io.farrier.runtime;

import io.farrier.image.Reference;
import java.util.Optional;

/** One image to pull. The credentials are farrier's own for this registry; the daemon stores none. */
public record PullRequest(Reference reference, Optional<RegistryCredentials> credentials) {}
