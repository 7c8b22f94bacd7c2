package io.farrier.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whatever JSON can say, for keys of daemon.json that farrier holds without knowing them. */
final class JsonType implements Type<Object> {
    private static final Pattern INTEGER = Pattern.compile("-?(?:0|[1-9][0-9]{0,30})");
    private static final Pattern DECIMAL =
            Pattern.compile("-?(?:0|[1-9][0-9]{0,30})(?:\\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?");
    /** Log drivers take their tokens as options, and daemon.json is where they stand. */
    private static final Pattern SECRET_NAME =
            Pattern.compile("(?i).*(?:token|passw|secret|credential|apikey|api-key).*");

    @Override
    public Optional<Object> read(Yaml value, Place place) {
        return read(value, place, false);
    }

    @Override
    public Map<String, Object> schema() {
        return Map.of("type", List.of("string", "number", "boolean", "array", "object"));
    }

    /** A scalar as YAML 1.2 reads it. */
    static Object value(Yaml.Scalar scalar) {
        String text = scalar.text();
        if (!scalar.plain()) {
            return text;
        }
        if (scalar.isBoolean()) {
            return text.equals("true");
        }
        if (INTEGER.matcher(text).matches()) {
            return new BigInteger(text);
        }
        return DECIMAL.matcher(text).matches() ? new BigDecimal(text) : text;
    }

    private Optional<Object> read(Yaml value, Place place, boolean isSecret) {
        if (value instanceof Yaml.Mapping mapping) {
            return readMapping(mapping, place, isSecret);
        }
        if (value instanceof Yaml.Sequence sequence) {
            return readSequence(sequence, place, isSecret);
        }
        Yaml.Scalar scalar = (Yaml.Scalar) value;
        if (scalar.isNull()) {
            place.problem(scalar.origin(), "has no value; give it one, or remove the line");
            return Optional.empty();
        }
        place.effective(isSecret ? "***" : scalar.text().replaceAll("//[^/@]*@", "//***@"), scalar.origin());
        return Optional.of(value(scalar));
    }

    private Optional<Object> readMapping(Yaml.Mapping mapping, Place place, boolean isSecret) {
        Map<String, Object> read = new LinkedHashMap<>();
        mapping.entries()
                .forEach((key, entry) -> read(
                                entry.value(),
                                place.key(key),
                                isSecret || SECRET_NAME.matcher(key).matches())
                        .ifPresent(item -> read.put(key, item)));
        return read.size() == mapping.entries().size() ? Optional.of(read) : Optional.empty();
    }

    private Optional<Object> readSequence(Yaml.Sequence sequence, Place place, boolean isSecret) {
        List<Object> read = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            read(sequence.items().get(i), place.item(i), isSecret).ifPresent(read::add);
        }
        return read.size() == sequence.items().size() ? Optional.of(read) : Optional.empty();
    }
}
