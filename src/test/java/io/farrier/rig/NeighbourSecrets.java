package io.farrier.rig;

import java.util.List;
import java.util.stream.Collectors;

/** What others than farrier keep in daemon.json, with a secret in every key that can hold one; all begin alike. */
final class NeighbourSecrets {
    static final String SECRET = "hunter2";

    private NeighbourSecrets() {}

    /** @param more further lines of its object */
    static String daemonJson(String... more) {
        return """
                {
                  "log-driver": "splunk",
                  "log-opts": {"splunk-token": "hunter2-splunk", "gelf-address": "udp://u:hunter2-gelf@log.example"},
                  "proxies": {"http-proxy": "http://u:hunter2-proxy@p.example", "https-proxy": "http://u:hunter2-tls@p.example"},
                  "http-headers": {"X-Token": "hunter2-header"},
                  "labels": ["token=hunter2-label"],
                """ + List.of(more).stream().map(line -> "  " + line + ",\n").collect(Collectors.joining()) + """
                  "unheard-of": {"password": "hunter2-unknown"}
                }
                """;
    }
}
