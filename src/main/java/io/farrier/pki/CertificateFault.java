package io.farrier.pki;

/**
 * What is wrong with a server's chain.
 *
 * @param words Go's own, without what crypto/tls puts before them
 */
public record CertificateFault(Kind kind, String words) {
    public enum Kind {
        /** Go does not take it for a certificate at all. */
        UNREADABLE,
        UNKNOWN_CRITICAL_EXTENSION,
        EXPIRED,
        NOT_YET_VALID,
        WRONG_NAME,
        NO_IP_NAME,
        COMMON_NAME_ONLY,
        UNKNOWN_AUTHORITY,
        /** A CA of the same name is trusted, and it is not the one that signed. */
        OTHER_KEY_OF_AUTHORITY,
        WEAK_SIGNATURE,
        WEAK_KEY,
        /** What signed is trusted or sent, and is no CA. */
        NOT_A_CA,
        PATH_TOO_LONG,
        NAME_NOT_PERMITTED,
        WRONG_KEY_USAGE
    }
}
