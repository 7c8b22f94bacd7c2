package io.farrier.image;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A registry as runtimes key it: {@code host[:port]}, verbatim. Case and port are kept, because {@code REG.TEST:5000},
 * {@code reg.test:5000} and {@code reg.test} are three registries to dockerd (folder names of certs.d) and containerd.
 *
 * <p>Grammar: {@code domain} of distribution/reference, IPv6 in brackets.
 */
public record RegistryHost(String value) implements Comparable<RegistryHost> {
    private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    private static final Pattern GRAMMAR =
            Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[(?:[a-fA-F0-9:]+)])(?::[0-9]{1,5})?");
    private static final int MAX_LENGTH = 259;
    private static final int MAX_PORT = 65535;

    // Below what it is checked with.
    public static final RegistryHost DOCKER_HUB = new RegistryHost("docker.io");

    public RegistryHost {
        String problem = problemWith(value);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }

    /** @throws IllegalArgumentException with a sentence that says what is wrong with {@code text} */
    public static RegistryHost parse(String text) {
        return new RegistryHost(text);
    }

    /** The host without its port; brackets of an IPv6 address stay. */
    public String name() {
        int colon = portColon(value);
        return colon < 0 ? value : value.substring(0, colon);
    }

    public OptionalInt port() {
        int colon = portColon(value);
        return colon < 0 ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(value.substring(colon + 1)));
    }

    private static @org.jspecify.annotations.Nullable String problemWith(String value) {
        if (value.toLowerCase(Locale.ROOT).startsWith("http://")
                || value.toLowerCase(Locale.ROOT).startsWith("https://")) {
            return "'" + value + "' is a URL; a registry is named host[:port], without a scheme";
        }
        if (value.length() > MAX_LENGTH || !GRAMMAR.matcher(value).matches()) {
            return "'" + value + "' is not a registry host; expected host[:port], such as registry.example:5000";
        }
        int colon = portColon(value);
        if (colon >= 0) {
            int port = Integer.parseInt(value.substring(colon + 1));
            if (port < 1 || port > MAX_PORT) {
                return "port " + port + " of '" + value + "' is out of range (1 to " + MAX_PORT + ")";
            }
        }
        return null;
    }

    private static int portColon(String value) {
        int colon = value.lastIndexOf(':');
        return colon > value.lastIndexOf(']') ? colon : -1;
    }

    @Override
    public int compareTo(RegistryHost other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
