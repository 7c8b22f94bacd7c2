package io.farrier.assembly;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Registry;
import io.farrier.runtime.RegistryCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The configured registries: how each is talked to, with which login, and which login is held back. */
final class RegistryParts {
    private final FarrierConfig config;
    private final LoginMemory logins;
    private final Map<RegistryHost, Registry> registries = new HashMap<>();

    RegistryParts(FarrierConfig config, LoginMemory logins) {
        this.config = config;
        this.logins = logins;
    }

    /** What registries refused, on disk. */
    LoginMemory logins() {
        return logins;
    }

    /** None while it is held back after a refusal: the registry then says that it wants one, and nothing is locked. */
    Optional<RegistryCredentials> credentials(RegistryHost host) {
        return registry(host)
                .login()
                .filter(login -> logins.heldUntil(host, login).isEmpty())
                .map(login -> new RegistryCredentials(host, login.username(), login.password()));
    }

    /** How one registry is talked to; one that is not configured has the system's trust and no login. */
    synchronized Registry registry(RegistryHost host) {
        return registries.computeIfAbsent(host, this::newRegistry);
    }

    private Registry newRegistry(RegistryHost host) {
        try {
            Optional<FarrierConfig.Registry> configured = config.registries().stream()
                    .filter(registry -> registry.host().equals(host))
                    .findFirst();
            return configured.isPresent()
                    ? asConfigured(configured.get())
                    : Registry.trusting(host, new byte[0], Optional.empty());
        } catch (IOException checkedByConfig) {
            throw new UncheckedIOException(checkedByConfig);
        }
    }

    private static Registry asConfigured(FarrierConfig.Registry configured) throws IOException {
        Optional<Registry.Login> login =
                configured.auth().map(auth -> new Registry.Login(auth.username(), auth.password()));
        if (configured.insecure()) {
            return Registry.insecure(configured.host(), login);
        }
        Registry verified = Registry.trusting(configured.host(), configured.ca().orElseGet(() -> new byte[0]), login)
                .withRealmHosts(
                        configured.auth().map(FarrierConfig.Login::realmHosts).orElse(Set.of()));
        return configured
                .client()
                .map(pair -> verified.withClient(pair.cert(), pair.key()))
                .orElse(verified);
    }

    /** Each once: the configured registries, then the endpoints of mirrors. */
    List<RegistryHost> hosts() {
        return Stream.concat(
                        config.registries().stream().map(FarrierConfig.Registry::host),
                        config.mirrors().values().stream()
                                .flatMap(mirror -> mirror.endpoints().stream())
                                .map(endpoint -> new RegistryHost(endpoint.getAuthority())))
                .distinct()
                .toList();
    }
}
