package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.runtime.LiveSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code GET /info} into the terms of daemon.json. */
final class LiveSettingsReader {
    /** dockerd adds them by itself: 20.10 the first, 28 both. */
    private static final Set<String> OWN_CIDRS = Set.of("127.0.0.0/8", "::1/128");

    private static final Map<String, String> KEYS = Map.of(
            "Debug", "debug",
            "LoggingDriver", "log-driver",
            "Driver", "storage-driver",
            "DockerRootDir", "data-root",
            "DefaultRuntime", "default-runtime",
            "ExperimentalBuild", "experimental");

    private LiveSettingsReader() {}

    static LiveSettings read(JsonNode info) {
        JsonNode registries = info.path("RegistryConfig");
        return new LiveSettings(
                insecure(registries),
                texts(registries.path("Mirrors")),
                info.path("LiveRestoreEnabled").asBoolean(false),
                values(info));
    }

    private static List<String> insecure(JsonNode registries) {
        List<String> hosts = new ArrayList<>();
        registries.path("IndexConfigs").properties().forEach(index -> {
            if (!index.getValue().path("Secure").asBoolean(true)) {
                hosts.add(index.getKey());
            }
        });
        texts(registries.path("InsecureRegistryCIDRs")).stream()
                .filter(cidr -> !OWN_CIDRS.contains(cidr))
                .forEach(hosts::add);
        return hosts;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    private static Map<String, String> values(JsonNode info) {
        Map<String, String> values = new LinkedHashMap<>();
        KEYS.forEach((theirs, ours) -> {
            if (info.hasNonNull(theirs)) {
                values.put(ours, info.path(theirs).asText());
            }
        });
        return values;
    }
}
