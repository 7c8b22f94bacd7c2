package io.farrier.config;

/**
 * One value that is in effect.
 *
 * @param path such as {@code registries[0].host}
 * @param value ready to be shown: a secret is {@code ***}, a file is named and not quoted
 * @param origin {@code /etc/farrier/farrier.yaml:7} or {@code default}
 */
public record EffectiveValue(String path, String value, String origin) {}
