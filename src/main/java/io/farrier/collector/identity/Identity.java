package io.farrier.collector.identity;

import io.farrier.config.CollectorConfig;
import io.farrier.pki.issue.ServerNames;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Who this collector is and whom it lets in. The first start makes what is not there, readable by its owner only. */
public record Identity(
        ServerCertificate certificate,
        Credentials credentials,
        Joins joins,
        Sessions sessions,
        LoginThrottle throttle) {
    private static final Set<String> ANY_ADDRESS = Set.of("", "0.0.0.0", "::");

    /** @throws IOException with a sentence that names the file that cannot be used, and what to do */
    public static Identity open(CollectorConfig config, Clock clock, SecureRandom random) throws IOException {
        Path folder = config.stateDir();
        PrivateFile.createFolder(folder);
        return new Identity(
                certificate(config, clock),
                Credentials.open(folder, random),
                Joins.open(folder, random, clock),
                new Sessions(random, clock),
                new LoginThrottle(clock));
    }

    private static ServerCertificate certificate(CollectorConfig config, Clock clock) throws IOException {
        if (config.tls().isPresent()) {
            return ServerCertificate.brought(config.tls().get());
        }
        ServerNames configured = ServerNames.of(configuredNames(config));
        return ServerCertificate.own(
                config.stateDir(), () -> ServerNames.ofThisMachine().and(configured), clock);
    }

    private static List<String> configuredNames(CollectorConfig config) {
        List<String> names = new ArrayList<>(config.names());
        if (!ANY_ADDRESS.contains(config.listen().host())) {
            names.add(config.listen().host());
        }
        return names;
    }
}
