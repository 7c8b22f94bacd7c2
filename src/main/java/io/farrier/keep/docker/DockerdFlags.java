package io.farrier.keep.docker;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keys of daemon.json that dockerd was given on its command line. Such a key must not be in the file: dockerd refuses
 * to start and to reload with both, even with equal values.
 */
record DockerdFlags(Set<String> keys) {
    static final DockerdFlags NONE = new DockerdFlags(Set.of());

    /** Flags that are not called like their key: those that may be repeated are singular. */
    private static final Map<String, String> KEY_OF_FLAG = Map.ofEntries(
            Map.entry("host", "hosts"),
            Map.entry("H", "hosts"),
            Map.entry("D", "debug"),
            Map.entry("l", "log-level"),
            Map.entry("s", "storage-driver"),
            Map.entry("b", "bridge"),
            Map.entry("G", "group"),
            Map.entry("p", "pidfile"),
            Map.entry("g", "data-root"),
            Map.entry("insecure-registry", "insecure-registries"),
            Map.entry("registry-mirror", "registry-mirrors"),
            Map.entry("label", "labels"),
            Map.entry("log-opt", "log-opts"),
            Map.entry("exec-opt", "exec-opts"),
            Map.entry("storage-opt", "storage-opts"),
            Map.entry("dns-opt", "dns-opts"),
            Map.entry("default-ulimit", "default-ulimits"),
            Map.entry("default-address-pool", "default-address-pools"),
            Map.entry("default-network-opt", "default-network-opts"),
            Map.entry("authorization-plugin", "authorization-plugins"),
            Map.entry("node-generic-resource", "node-generic-resources"),
            Map.entry("cdi-spec-dir", "cdi-spec-dirs"),
            Map.entry("host-gateway-ip", "host-gateway-ips"));

    /** The only key that may be in both places. */
    private static final String ALSO_ALLOWED_IN_FILE = "runtimes";

    DockerdFlags {
        keys = Set.copyOf(keys);
    }

    /** @param arguments of dockerd, without its name */
    static DockerdFlags of(List<String> arguments) {
        Set<String> keys = new TreeSet<>();
        for (String argument : arguments) {
            if (argument.startsWith("--") && argument.length() > 2) {
                String flag = argument.substring(2).replaceFirst("=.*", "");
                keys.add(KEY_OF_FLAG.getOrDefault(flag, flag));
            } else if (argument.startsWith("-") && argument.length() > 1) {
                String flag = argument.substring(1, 2);
                keys.add(KEY_OF_FLAG.getOrDefault(flag, flag));
            }
        }
        keys.remove(ALSO_ALLOWED_IN_FILE);
        return new DockerdFlags(keys);
    }

    boolean has(String key) {
        return keys.contains(key);
    }
}
