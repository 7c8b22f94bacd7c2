package io.farrier.images;

import java.util.List;
import java.util.Locale;

/** Whether it makes sense to try a failed pull again at once. */
final class PullFailure {
    /**
     * Final unless farrier has just been served the same image: then the login is right and only a token has expired, and a
     * manifest that cannot be understood was damaged on its way. Repeating a refused login locks accounts.
     */
    private static final List<String> UNLESS_JUST_SEEN = List.of(
            "unauthorized", "no basic auth credentials", "access denied", "denied:", "forbidden", "unsupported");

    /** Words of daemons and registries after which the same question gets the same answer. */
    private static final List<String> FINAL = List.of(
            "manifest unknown",
            "name unknown",
            "not found",
            "does not exist",
            "x509:",
            "server gave http response",
            "no matching manifest",
            "no match for platform",
            "unknown blob",
            "blob unknown",
            "invalid reference",
            "no space left",
            "no such host",
            "this node is paused");

    private PullFailure() {}

    /** What is not known to be final may pass: a timeout, a reset, a 500, a 429. */
    static boolean mayPass(String words) {
        return mayPass(words, false);
    }

    /** @param wasJustSeen whether farrier was just served the same image with the same login */
    static boolean mayPass(String words, boolean wasJustSeen) {
        String lower = words.toLowerCase(Locale.ROOT);
        return FINAL.stream().noneMatch(lower::contains)
                && (wasJustSeen || UNLESS_JUST_SEEN.stream().noneMatch(lower::contains));
    }
}
