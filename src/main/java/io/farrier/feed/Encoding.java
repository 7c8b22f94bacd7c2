package io.farrier.feed;

import java.util.Arrays;
import java.util.Optional;

/** How the body of a log batch travels. */
public enum Encoding {
    IDENTITY("identity"),
    /** zlib format (RFC 1950), which HTTP and Python call deflate and zlib. */
    DEFLATE("deflate");

    private final String word;

    Encoding(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    public static Optional<Encoding> find(String word) {
        return Arrays.stream(values())
                .filter(encoding -> encoding.word.equals(word))
                .findFirst();
    }
}
