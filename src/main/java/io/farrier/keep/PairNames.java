package io.farrier.keep;

import java.nio.file.Path;
import java.util.Optional;

/** The names of a client's certificate and its key: {@code X.cert} and {@code X.key}, of which one alone fails every pull. */
public final class PairNames {
    private static final String CERTIFICATE = ".cert";
    private static final String KEY = ".key";

    private PairNames() {}

    /** Empty for a file that is no half of a pair. */
    public static Optional<Path> otherHalf(Path file) {
        String path = file.toString();
        if (path.endsWith(CERTIFICATE)) {
            return Optional.of(Path.of(stem(path, CERTIFICATE) + KEY));
        }
        return path.endsWith(KEY) ? Optional.of(Path.of(stem(path, KEY) + CERTIFICATE)) : Optional.empty();
    }

    private static String stem(String path, String end) {
        return path.substring(0, path.length() - end.length());
    }
}
