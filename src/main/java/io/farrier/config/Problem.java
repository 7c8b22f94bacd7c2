package io.farrier.config;

import java.nio.file.Path;

/**
 * One mistake in a configuration file, in one line: control characters of foreign text become {@code ?}, and what stands
 * between {@code //} and {@code @} of a URL becomes {@code ***}.
 *
 * @param line counts from 1; 0 when it belongs to no line
 */
public record Problem(Path file, int line, String message) {
    public Problem {
        message = message.replaceAll("\\p{Cntrl}", "?").replaceAll("//[^/@]*@", "//***@");
    }

    @Override
    public String toString() {
        return file + (line > 0 ? ":" + line : "") + ": " + message;
    }
}
