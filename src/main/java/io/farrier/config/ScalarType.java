package io.farrier.config;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A value that is one text in the file.
 *
 * @param expected goes on after "must be"
 */
record ScalarType<T>(String expected, Parser<T> parser, Map<String, Object> schema) implements Type<T> {
    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})(s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})(B|KiB|MiB|GiB|TiB)");
    private static final List<String> SIZE_UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

    /** Text to value; throws IllegalArgumentException without a message when "must be ..." says it all. */
    interface Parser<T> {
        T parse(String text);
    }

    @Override
    public Optional<T> read(Yaml value, Place place) {
        if (!(value instanceof Yaml.Scalar scalar) || scalar.isNull()) {
            place.wrongType(value, expected);
            return Optional.empty();
        }
        try {
            T parsed = parser.parse(scalar.text());
            place.effective(scalar.text(), scalar.origin());
            return Optional.of(parsed);
        } catch (IllegalArgumentException wrong) {
            String said = wrong.getMessage();
            place.problem(
                    scalar.origin(),
                    said == null ? "must be " + expected + ", but is '" + scalar.text() + "'" : "is wrong: " + said);
            return Optional.empty();
        }
    }

    /** Any text that is not empty. Numbers are taken as they are written. */
    static ScalarType<String> text(String expected) {
        return text(expected, any -> true);
    }

    static ScalarType<String> text(String expected, Predicate<String> isValid) {
        return new ScalarType<>(
                expected,
                text -> {
                    require(!text.isBlank() && isValid.test(text));
                    return text;
                },
                // An unquoted 7 is a number to a validator and a text to us.
                schema("type", List.of("string", "number", "boolean"), "minLength", 1));
    }

    static ScalarType<Boolean> bool() {
        return new ScalarType<>(
                "true or false",
                text -> {
                    require(text.equals("true") || text.equals("false"));
                    return text.equals("true");
                },
                Map.of("type", "boolean"));
    }

    static ScalarType<Integer> integer(int min, int max) {
        return new ScalarType<>(
                "a whole number from " + min + " to " + max,
                text -> {
                    require(text.matches("0|[1-9][0-9]{0,8}"));
                    int number = Integer.parseInt(text);
                    require(number >= min && number <= max);
                    return number;
                },
                schema("type", "integer", "minimum", min, "maximum", max));
    }

    /** The constants of an enum, in lower case. */
    static <E extends Enum<E>> ScalarType<E> choice(Class<E> type) {
        Map<String, E> constants = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) {
            constants.put(constant.name().toLowerCase(Locale.ROOT), constant);
        }
        return choice(constants);
    }

    static ScalarType<String> choice(Collection<String> names) {
        Map<String, String> choices = new LinkedHashMap<>();
        names.stream().sorted().forEach(name -> choices.put(name, name));
        return choice(choices);
    }

    private static <T> ScalarType<T> choice(Map<String, T> choices) {
        String listed = String.join(", ", choices.keySet());
        return new ScalarType<>(
                "one of " + listed,
                text -> {
                    T chosen = choices.get(text);
                    if (chosen == null) {
                        throw new IllegalArgumentException("'" + text + "' is none of " + listed + "."
                                + Suggestion.sentence(text, choices.keySet()));
                    }
                    return chosen;
                },
                Map.of("enum", List.copyOf(choices.keySet())));
    }

    /** {@code 60s}, {@code 5m}, {@code 1h}, {@code 7d}: a number alone would leave the unit to guessing. */
    static ScalarType<Duration> duration(Duration max) {
        return new ScalarType<>(
                "a duration such as 60s, 5m or 1h, of " + max.toHours() + "h at most",
                text -> {
                    Matcher matcher = DURATION.matcher(text);
                    require(matcher.matches());
                    Duration duration = Duration.of(Long.parseLong(matcher.group(1)), unit(matcher.group(2)));
                    require(duration.compareTo(max) <= 0);
                    return duration;
                },
                schema("type", "string", "pattern", "^" + DURATION + "$"));
    }

    /** Bytes with their unit: {@code 500MiB}, {@code 2GiB}. */
    static ScalarType<Long> size() {
        return new ScalarType<>(
                "a size such as 500MiB or 2GiB",
                text -> {
                    Matcher matcher = SIZE.matcher(text);
                    require(matcher.matches());
                    long unit = 1L << (10 * SIZE_UNITS.indexOf(matcher.group(2)));
                    return multiply(Long.parseLong(matcher.group(1)), unit);
                },
                schema("type", "string", "pattern", "^" + SIZE + "$"));
    }

    static ScalarType<RegistryHost> registryHost() {
        return new ScalarType<>(
                "a registry as host[:port], such as registry.example:5000",
                RegistryHost::parse,
                schema("type", "string", "minLength", 1));
    }

    static ScalarType<Reference> reference() {
        return new ScalarType<>(
                "an image reference such as rancher/mirrored-pause:3.6",
                Reference::parse,
                schema("type", "string", "minLength", 1));
    }

    /** An absolute URL with a host and nothing secret in it. The message never repeats it. */
    static ScalarType<URI> url(String... schemes) {
        String expected = "a URL with a host that begins with "
                + Arrays.stream(schemes).map(scheme -> scheme + "://").collect(Collectors.joining(" or "));
        return new ScalarType<>(
                expected,
                text -> parseUrl(text, expected, Set.of(schemes)),
                schema("type", "string", "pattern", "^(" + String.join("|", schemes) + ")://[^@?#]+$"));
    }

    static ScalarType<Path> absolutePath() {
        return new ScalarType<>(
                "an absolute path",
                text -> {
                    require(text.startsWith("/") && text.indexOf('\0') < 0 && !text.contains("/../"));
                    return Path.of(text).normalize();
                },
                schema("type", "string", "pattern", "^/"));
    }

    /** A SHA-256, with or without colons, as openssl prints it. */
    static ScalarType<String> fingerprint() {
        return new ScalarType<>(
                "a SHA-256 fingerprint (64 hex digits, with or without colons)",
                text -> {
                    String hex = text.replace(":", "").toLowerCase(Locale.ROOT);
                    require(FINGERPRINT.matcher(hex).matches());
                    return hex;
                },
                schema("type", "string", "pattern", "^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$"));
    }

    /** The same text, or {@code word} for none: {@code auto} means that farrier looks for itself. */
    static <T> ScalarType<Optional<T>> orWord(String word, ScalarType<T> type) {
        return new ScalarType<>(
                word + " or " + type.expected(),
                text -> text.equals(word)
                        ? Optional.empty()
                        : Optional.of(type.parser().parse(text)),
                Map.of("anyOf", List.of(Map.of("const", word), type.schema())));
    }

    static Map<String, Object> schema(Object... keysAndValues) {
        Map<String, Object> schema = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            schema.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return schema;
    }

    static void require(boolean isRight) {
        if (!isRight) {
            throw new IllegalArgumentException();
        }
    }

    private static URI parseUrl(String text, String expected, Set<String> schemes) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException notAUrl) {
            throw new IllegalArgumentException("expected " + expected);
        }
        if (url.getUserInfo() != null || text.contains("@")) {
            throw new IllegalArgumentException("a URL here must not hold a user or password");
        }
        if (url.getHost() == null || !schemes.contains(url.getScheme())) {
            throw new IllegalArgumentException("expected " + expected);
        }
        if (url.getPort() == 0 || url.getPort() > 65535) {
            throw new IllegalArgumentException("port " + url.getPort() + " is out of range (1 to 65535)");
        }
        if (url.getQuery() != null || url.getFragment() != null) {
            throw new IllegalArgumentException("a URL here has neither '?' nor '#'");
        }
        return url;
    }

    private static ChronoUnit unit(String letter) {
        switch (letter) {
            case "s":
                return ChronoUnit.SECONDS;
            case "m":
                return ChronoUnit.MINUTES;
            case "h":
                return ChronoUnit.HOURS;
            default:
                return ChronoUnit.DAYS;
        }
    }

    private static long multiply(long number, long unit) {
        try {
            return Math.multiplyExact(number, unit);
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException();
        }
    }
}
