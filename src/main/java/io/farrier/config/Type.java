package io.farrier.config;

import java.util.Map;
import java.util.Optional;

/**
 * What a value of a configuration file can be. Reading with all its problems, merging two files, the JSON Schema and the
 * effective view all come from the one declaration.
 */
interface Type<T> {
    /** The value, or empty after its problems were said. */
    Optional<T> read(Yaml value, Place place);

    /** As a JSON Schema (2020-12) says it. */
    Map<String, Object> schema();

    /** One value out of two files. Only collections grow together; for the rest, two files must not disagree. */
    default Yaml merge(Yaml first, Yaml second, Place place) {
        if (!first.saysTheSameAs(second)) {
            place.problem(second.origin(), "is already said otherwise in " + first.origin() + "; say it in one file");
        }
        return first;
    }
}
