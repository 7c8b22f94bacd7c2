package io.farrier.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What dockerd has in effect, from {@code GET /info}; a file only says what it would read at the next reload.
 *
 * @param insecureRegistries hosts of {@code RegistryConfig.IndexConfigs} with {@code Secure: false} and the CIDRs, without
 *     the ones dockerd adds by itself (127.0.0.0/8, ::1/128)
 * @param mirrors with one trailing slash, as dockerd stores them
 * @param values further settings by their daemon.json key ({@code debug}, {@code log-driver}), as far as /info shows them
 */
public record LiveSettings(
        List<String> insecureRegistries, List<String> mirrors, boolean liveRestore, Map<String, String> values) {
    public LiveSettings {
        insecureRegistries = List.copyOf(insecureRegistries);
        mirrors = List.copyOf(mirrors);
        values = Map.copyOf(values);
    }

    /** What is in effect of {@code insecure-registries} or {@code registry-mirrors}. */
    public List<String> list(String key) {
        return switch (key) {
            case "insecure-registries" -> insecureRegistries;
            case "registry-mirrors" -> mirrors;
            default -> throw new IllegalArgumentException(key + " is no list that /info shows");
        };
    }

    /** By its key of daemon.json, texts without quotes; empty where /info does not show it. */
    public Optional<String> find(String key) {
        return key.equals("live-restore")
                ? Optional.of(Boolean.toString(liveRestore))
                : Optional.ofNullable(values.get(key));
    }
}
