package io.farrier.images.extract;

import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What was found so far.
 *
 * @param images each with the places that name it
 * @param unresolved what names an image and could not be understood, each with the reason
 */
public record Extracted(Map<Reference, Set<String>> images, Set<Unresolved> unresolved) {
    /** @param where file, and line or key where it is known */
    public record Unresolved(String where, String text, String because) {}

    public Extracted() {
        this(new LinkedHashMap<>(), new LinkedHashSet<>());
    }

    void found(String where, String text) {
        try {
            images.computeIfAbsent(Reference.parse(text), any -> new LinkedHashSet<>())
                    .add(where);
        } catch (InvalidReferenceException wrong) {
            unresolved(where, text, String.valueOf(wrong.getMessage()));
        }
    }

    void unresolved(String where, String text, String because) {
        unresolved.add(new Unresolved(where, text, because));
    }

    public Set<String> placesOf(Reference image) {
        return images.getOrDefault(image, Set.of());
    }

    /** In the order of names. */
    public List<Reference> references() {
        Map<String, Reference> sorted = new TreeMap<>();
        images.keySet().forEach(reference -> sorted.put(reference.toString(), reference));
        return List.copyOf(sorted.values());
    }
}
