package io.farrier.keep.docker;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Docker engine's version as far as its rules depend on it: the major number, 20 for 20.10. */
record EngineVersion(int major, String text) {
    /**
     * {@code dockerd --validate}, a byte order mark in daemon.json, an empty daemon.json and the refusal of {@code graph}
     * came with it.
     */
    static final int VALIDATES = 23;

    /** Mirrors may have a path from here on. */
    static final int MIRRORS_WITH_PATH = 25;

    private static final Pattern NUMBER = Pattern.compile("(\\d{1,4})\\..*");

    /** Of {@code 20.10.24+dfsg1}; empty for a build without a number, such as {@code dev}. */
    static Optional<EngineVersion> parse(String text) {
        Matcher number = NUMBER.matcher(text);
        return number.matches()
                ? Optional.of(new EngineVersion(Integer.parseInt(number.group(1)), text))
                : Optional.empty();
    }

    boolean isAtLeast(int otherMajor) {
        return major >= otherMajor;
    }
}
