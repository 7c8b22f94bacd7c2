package io.farrier.logs;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One source's trouble never stops the others; {@code status} shows how often there was some, and the last. */
final class Problems {
    private int count;
    private @Nullable IOException last;

    void note(IOException problem) {
        count++;
        last = problem;
    }

    int count() {
        return count;
    }

    Optional<String> last() {
        return Optional.ofNullable(last).map(Throwable::toString);
    }
}
