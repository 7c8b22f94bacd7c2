package io.farrier.runtime.docker;

import java.io.IOException;
import java.util.Optional;

/**
 * A version of the Engine API. No constant works from Docker 20.10 (at most 1.41) to 29.2 (at least 1.44), so both sides'
 * newest common one is used.
 */
record ApiVersion(int major, int minor) {
    /** What farrier was tried with; a newer daemon still serves it (moby/api/common.go, minimum 1.44 at most). */
    static final ApiVersion NEWEST = new ApiVersion(1, 52);

    static final ApiVersion OLDEST = new ApiVersion(1, 41);

    /** @param offered the {@code Api-Version} header of {@code /_ping}: the newest the daemon speaks */
    static ApiVersion agree(Optional<String> offered) throws IOException {
        ApiVersion theirs = parse(offered.orElse(""));
        if (theirs.major != NEWEST.major || theirs.minor < OLDEST.minor) {
            throw new IOException("dockerd speaks API " + theirs + "; farrier needs at least " + OLDEST
                    + ", which is Docker 20.10. Upgrade Docker on this node.");
        }
        return theirs.minor < NEWEST.minor ? theirs : NEWEST;
    }

    private static ApiVersion parse(String text) throws IOException {
        String[] parts = text.strip().split("\\.", 2);
        try {
            return new ApiVersion(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException(
                    "Tried to agree on an API version but /_ping answered '" + text + "'; is it dockerd?", e);
        }
    }

    String path(String target) {
        return "/v" + this + target;
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
