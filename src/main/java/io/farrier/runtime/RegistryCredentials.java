package io.farrier.runtime;

import io.farrier.image.RegistryHost;
import io.farrier.secret.Secret;

/** A login, and the one host it may be sent to. */
public record RegistryCredentials(RegistryHost host, String username, Secret password) {}
