package io.farrier.images;

import java.util.List;
import java.util.Locale;

/** Whether it makes sense to try a failed pull again at once. */
final class PullFailure {
    /**
     * Words of daemons and registries after which the same question gets the same answer. A refused login is here, too:
     * repeating it locks accounts.
     */
    private static final List<String> FINAL = List.of(
            "manifest unknown",
            "name unknown",
            "not found",
            "does not exist",
            "unauthorized",
            "no basic auth credentials",
            "access denied",
            "denied:",
            "forbidden",
            "x509:",
            "server gave http response",
            "no matching manifest",
            "no match for platform",
            "unknown blob",
            "blob unknown",
            "invalid reference",
            "unsupported",
            "no space left",
            "no such host",
            "this node is paused");

    private PullFailure() {}

    /** What is not known to be final may pass: a timeout, a reset, a 500, a 429. */
    static boolean mayPass(String words) {
        String lower = words.toLowerCase(Locale.ROOT);
        return FINAL.stream().noneMatch(lower::contains);
    }
}
