package io.farrier.runtime;

import java.util.Optional;

/**
 * What a runtime says of itself.
 *
 * @param name {@code docker} or {@code containerd}
 * @param version of the runtime, as it prints it
 * @param dataRoot where its images and logs live, empty where the runtime does not say
 * @param live the settings that are in effect now, empty where the runtime does not say
 * @param pauseImage what it makes the sandbox of a pod with, as it is in effect now; empty where it does not say
 */
public record RuntimeInfo(
        String name,
        String version,
        String apiVersion,
        Optional<String> dataRoot,
        Optional<LiveSettings> live,
        Optional<String> pauseImage) {
    /** Of one that makes no pods itself. */
    public RuntimeInfo(
            String name, String version, String apiVersion, Optional<String> dataRoot, Optional<LiveSettings> live) {
        this(name, version, apiVersion, dataRoot, live, Optional.empty());
    }
}
