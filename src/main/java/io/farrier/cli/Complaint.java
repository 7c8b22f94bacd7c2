package io.farrier.cli;

import io.farrier.config.InvalidConfigException;
import io.farrier.config.Problem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;

/** A failure as the line(s) a person reads on stderr. */
final class Complaint {
    private Complaint() {}

    static List<String> of(Throwable failure) {
        if (failure instanceof InvalidConfigException invalid) {
            return invalid.problems().stream().map(Problem::toString).toList();
        }
        if (failure instanceof NoSuchFileException missing) {
            return List.of("Tried to read " + missing.getFile() + ", but there is no such file.");
        }
        if (failure instanceof AccessDeniedException denied) {
            return List.of("Tried to open " + denied.getFile() + ", but access was denied. Run it as root.");
        }
        String message = failure.getMessage();
        if (failure instanceof IOException && message != null) {
            return List.of(message);
        }
        // A fault of ours: say which, because the message alone would mean nothing.
        return List.of("farrier failed unexpectedly: " + failure + at(failure));
    }

    private static String at(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (frame.getClassName().startsWith("io.farrier.")) {
                return " at " + frame + ". Please report it.";
            }
        }
        return ". Please report it.";
    }
}
