package io.farrier.registry;

import java.util.ArrayList;
import java.util.List;

/** What a token is asked for: our own words, never the ones a registry would have us repeat. */
record Scope(List<String> words) {
    Scope {
        words = List.copyOf(words);
    }

    static Scope pull(String path) {
        return new Scope(List.of("repository:" + path + ":pull"));
    }

    static Scope push(String path) {
        return new Scope(List.of("repository:" + path + ":pull,push"));
    }

    /** And to read another repository of the same registry, as a mount needs it. */
    Scope andPull(String path) {
        List<String> both = new ArrayList<>(words);
        both.add("repository:" + path + ":pull");
        return new Scope(both);
    }
}
