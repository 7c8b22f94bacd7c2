package io.farrier.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A file below the configuration's folder that need not exist: neither absolute nor with {@code ..}. */
final class BesideConfiguration implements Type<Path> {
    private static final String PATTERN = "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\u0000]+$";

    @Override
    public Optional<Path> read(Yaml value, Place place) {
        if (!(value instanceof Yaml.Scalar scalar)
                || scalar.isNull()
                || !scalar.text().matches(PATTERN)) {
            place.problem(
                    value.origin(),
                    "must be a file below the configuration's folder, such as images.lock, without '..'");
            return Optional.empty();
        }
        place.effective(scalar.text(), scalar.origin());
        return Optional.of(place.reading().resolve(scalar.text()));
    }

    @Override
    public Map<String, Object> schema() {
        return ScalarType.schema("type", "string", "pattern", PATTERN);
    }
}
