package io.farrier.feed;

import java.util.Arrays;
import java.util.Optional;

/** How the body of a log batch travels. */
public enum Encoding {
    IDENTITY("identity"),
    /** zlib format (RFC 1950), which HTTP and Python call deflate and zlib. */
    DEFLATE("deflate"),
    /** RFC 8878; a fifth of what deflate costs, for fewer bytes, where its library loads. */
    ZSTD("zstd");

    private final String word;

    Encoding(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** True when this process can read and write it. */
    public boolean isHere() {
        return this != ZSTD || Zstandard.isLoaded();
    }

    public static Optional<Encoding> find(String word) {
        return Arrays.stream(values())
                .filter(encoding -> encoding.word.equals(word))
                .findFirst();
    }
}
