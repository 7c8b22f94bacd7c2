package io.farrier.images;

import io.farrier.images.Prospect.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Whether it makes sense to try a failed pull again at once. */
final class PullFailure {
    /** Repeating a refused login locks accounts. */
    private static final List<String> LOGIN_REFUSED =
            List.of("unauthorized", "no basic auth credentials", "access denied", "denied:", "forbidden");

    /** Final where farrier could not read the manifest either; else it was damaged on its way. */
    private static final String NOT_UNDERSTOOD = "unsupported";

    /**
     * What containerd does not find among its own, not at the registry: a manifest that it asked for as if it were a layer,
     * because the registry failed to give it as a manifest; a layer that another pull was unpacking and gave up.
     */
    private static final List<String> NOT_FOUND_HERE =
            List.of("unexpected media type application/octet-stream", "parent snapshot");

    /** ENOSPC, as Go's and the JDK's programs word it. */
    private static final String OUT_OF_SPACE = "no space left";

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
            OUT_OF_SPACE,
            "no such host",
            "this node is paused");

    private PullFailure() {}

    static boolean isOutOfSpace(String words) {
        return words.toLowerCase(Locale.ROOT).contains(OUT_OF_SPACE);
    }

    /** Whether to try again. */
    enum Again {
        NO,
        /** Once farrier itself has been served the image: then the login is right, and only a token had expired. */
        IF_SEEN,
        YES
    }

    /** What is not known to be final may pass: a timeout, a reset, a 500, a 429. */
    static boolean mayPass(String words) {
        return again(words, Optional.of(Kind.UNREADABLE)) == Again.YES;
    }

    /** @param seen what farrier itself saw of the image just before; empty when it did not look */
    static Again again(String words, Optional<Kind> seen) {
        String lower = words.toLowerCase(Locale.ROOT);
        if (NOT_FOUND_HERE.stream().anyMatch(lower::contains)) {
            return Again.YES;
        }
        if (FINAL.stream().anyMatch(lower::contains)) {
            return Again.NO;
        }
        if (LOGIN_REFUSED.stream().anyMatch(lower::contains)) {
            return afterRefusal(seen);
        }
        boolean isStrange = seen.equals(Optional.of(Kind.UNREADABLE)) && lower.contains(NOT_UNDERSTOOD);
        return isStrange ? Again.NO : Again.YES;
    }

    private static Again afterRefusal(Optional<Kind> seen) {
        if (seen.equals(Optional.of(Kind.PRESENT))) {
            return Again.YES;
        }
        return seen.equals(Optional.of(Kind.UNREACHABLE)) ? Again.IF_SEEN : Again.NO;
    }
}
