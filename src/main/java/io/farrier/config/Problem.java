package io.farrier.config;

import java.nio.file.Path;

/** One mistake in a configuration file. {@code line} counts from 1; 0 when it belongs to no line. */
public record Problem(Path file, int line, String message) {
    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line : "") + ": " + message;
    }
}
