package io.farrier.registry;

import java.util.Locale;

/**
 * One thing that keeps a runtime from a registry.
 *
 * @param words those of the runtime, as its log has them behind {@code Get "https://...": }; empty where it has none
 * @param sentence what it means and what to do
 * @param command to look at it, or to mend it; empty where there is none
 */
public record RegistryFault(Kind kind, String words, String sentence, String command) {
    /** A stable contract: codes are these names, in lower case with hyphens. */
    public enum Kind {
        NO_SUCH_HOST(false),
        REFUSED(false),
        NO_ROUTE(false),
        TIMEOUT(false),
        BROKEN_OFF(false),
        PROXY_UNREACHABLE(false),
        PROXY_REFUSES(false),
        PROXY_IN_THE_MIDDLE(true),
        PLAIN_HTTP(true),
        TLS_ON_PLAIN_PORT(true),
        NO_TLS(true),
        PROTOCOL_VERSION(true),
        HANDSHAKE(true),
        CLIENT_CERTIFICATE_WANTED(true),
        CLIENT_CERTIFICATE_REFUSED(true),
        CERTIFICATE_UNREADABLE(true),
        CERTIFICATE_CRITICAL_EXTENSION(true),
        CERTIFICATE_EXPIRED(true),
        CERTIFICATE_NOT_YET_VALID(true),
        CERTIFICATE_WRONG_NAME(true),
        CERTIFICATE_NO_IP_NAME(true),
        CERTIFICATE_COMMON_NAME_ONLY(true),
        CERTIFICATE_UNKNOWN_AUTHORITY(true),
        CERTIFICATE_OTHER_AUTHORITY_KEY(true),
        CERTIFICATE_WEAK_SIGNATURE(true),
        CERTIFICATE_WEAK_KEY(true),
        CERTIFICATE_NOT_A_CA(true),
        CERTIFICATE_PATH_TOO_LONG(true),
        CERTIFICATE_NAME_NOT_PERMITTED(true),
        CERTIFICATE_WRONG_USAGE(true),
        CLOCK_SKEW(false),
        TRUST_FILES(true),
        NO_REGISTRY(false),
        LOGIN_MISSING(false),
        LOGIN_REFUSED(false),
        LOGIN_HELD_BACK(false),
        TOKEN_SERVER(false),
        HOSTILE(false),
        IMAGE_MISSING(false),
        IMAGE_FORBIDDEN(false),
        BLOBS_ELSEWHERE(false);

        private final boolean ofTrust;

        Kind(boolean ofTrust) {
            this.ofTrust = ofTrust;
        }

        /** It answered, and this node's runtime would refuse it: no matter of reach or of rights. */
        public boolean isOfTrust() {
            return ofTrust;
        }

        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
