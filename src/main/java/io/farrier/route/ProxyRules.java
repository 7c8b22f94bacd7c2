package io.farrier.route;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which proxy a Go program goes through: golang.org/x/net/http/httpproxy, with its NO_PROXY rules.
 *
 * @param environment of the runtime's process
 */
public record ProxyRules(Map<String, String> environment) {
    public static final ProxyRules NONE = new ProxyRules(Map.of());

    public ProxyRules {
        environment = Map.copyOf(environment);
    }

    /**
     * @param host without brackets
     * @param variable that says so
     */
    public record Proxy(String host, int port, String variable) {}

    /** @param host without brackets */
    public Optional<Proxy> of(String scheme, String host, int port) {
        return variable(scheme.toUpperCase(Locale.ROOT) + "_PROXY")
                .filter(found -> !isExempt(host.toLowerCase(Locale.ROOT), port))
                .flatMap(found -> parse(found.getValue(), found.getKey()));
    }

    /** Upper case first; an empty value is none. */
    private Optional<Map.Entry<String, String>> variable(String name) {
        for (String each : new String[] {name, name.toLowerCase(Locale.ROOT)}) {
            String value = environment.getOrDefault(each, "");
            if (!value.isEmpty()) {
                return Optional.of(Map.entry(each, value));
            }
        }
        return Optional.empty();
    }

    private boolean isExempt(String host, int port) {
        Optional<byte[]> address = Networks.literal(host);
        if (host.equals("localhost") || address.filter(ProxyRules::isLoopback).isPresent()) {
            return true;
        }
        String list = variable("NO_PROXY").map(Map.Entry::getValue).orElse("");
        for (String entry : list.split(",")) {
            if (matches(entry.strip().toLowerCase(Locale.ROOT), host, address, port)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLoopback(byte[] address) {
        return Networks.contain("127.0.0.0/8", address) || Networks.contain("::1/128", address);
    }

    private static boolean matches(String entry, String host, Optional<byte[]> address, int port) {
        if (entry.isEmpty()) {
            return false;
        }
        if (entry.equals("*")) {
            return true;
        }
        if (entry.indexOf('/') >= 0) {
            return address.filter(its -> Networks.contain(entry, its)).isPresent();
        }
        int colon = entry.lastIndexOf(':');
        boolean hasPort = colon > 0 && entry.indexOf(':') == colon || entry.contains("]:");
        if (hasPort && !entry.substring(colon + 1).equals(String.valueOf(port))) {
            return false;
        }
        String name = (hasPort ? entry.substring(0, colon) : entry).replaceAll("[\\[\\]]", "");
        Optional<byte[]> literal = Networks.literal(name);
        if (literal.isPresent()) {
            return address.filter(its -> java.util.Arrays.equals(its, literal.get()))
                    .isPresent();
        }
        return matchesName(name.startsWith("*.") ? name.substring(1) : name, host);
    }

    /** {@code foo.com} is itself and all below; {@code .foo.com} only what is below. */
    private static boolean matchesName(String name, String host) {
        return name.startsWith(".") ? host.endsWith(name) : host.equals(name) || host.endsWith("." + name);
    }

    private static Optional<Proxy> parse(String value, String variable) {
        String rest = value.contains("://") ? value.substring(value.indexOf("://") + 3) : value;
        String authority = rest.replaceFirst("/.*", "");
        String hostAndPort = authority.substring(authority.lastIndexOf('@') + 1);
        int colon = hostAndPort.lastIndexOf(':');
        boolean hasPort = colon > hostAndPort.lastIndexOf(']')
                && hostAndPort.substring(colon + 1).matches("\\d{1,5}");
        String host = (hasPort ? hostAndPort.substring(0, colon) : hostAndPort).replaceAll("[\\[\\]]", "");
        int usual = value.startsWith("https://") ? 443 : 80;
        return host.isEmpty()
                ? Optional.empty()
                : Optional.of(new Proxy(
                        host, hasPort ? Integer.parseInt(hostAndPort.substring(colon + 1)) : usual, variable));
    }
}
