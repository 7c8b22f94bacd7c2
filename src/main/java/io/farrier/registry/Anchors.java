package io.farrier.registry;

import io.farrier.secret.Secret;
import io.farrier.transport.Trust;
import java.io.IOException;
import java.util.Optional;

/**
 * What a runtime has to verify a registry with, as it was read.
 *
 * @param isVerified false where it takes any certificate
 * @param authorities PEM, beside the system's roots; may be empty
 * @param client what it shows when it is asked for a certificate
 */
public record Anchors(boolean isVerified, byte[] authorities, Optional<ClientPair> client) {
    public static final Anchors SYSTEM = new Anchors(true, new byte[0], Optional.empty());
    public static final Anchors NOBODY = new Anchors(false, new byte[0], Optional.empty());

    /** PEM. */
    public record ClientPair(byte[] certificate, Secret key) {}

    Trust trust() throws IOException {
        if (!isVerified) {
            return Trust.blind();
        }
        Trust trust = authorities.length == 0 ? Trust.ofSystem() : Trust.withCa(authorities);
        return client.map(pair -> trust.withClient(pair.certificate(), pair.key()))
                .orElse(trust);
    }
}
