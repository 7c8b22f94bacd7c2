package io.farrier.assembly;

import io.farrier.agent.JoinRequest;
import io.farrier.agent.JoinedCollector;
import io.farrier.config.EffectiveValue;
import io.farrier.config.FarrierConfig;
import io.farrier.config.Loaded;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** This node, about to join a collector. */
public final class Joining implements AutoCloseable {
    private static final int ROOT_ONLY = 0700;

    private final Machine machine = new Machine(Path.of("/"));
    private final Path configFile;
    private final Loaded<FarrierConfig> loaded;

    /** @throws IOException when the configuration is not valid: it would not be read afterwards either */
    public Joining(Path configFile) throws IOException {
        this.configFile = configFile.toAbsolutePath();
        this.loaded = machine.loader().load(this.configFile);
    }

    /** @throws IOException when the configuration names another collector; with the file and line that does */
    public boolean isJoined(URI collector, String sha256) throws IOException {
        Optional<FarrierConfig.CollectorLink> link = loaded.config().collector();
        if (link.isEmpty()) {
            return false;
        }
        if (!JoinedCollector.isSame(link.get(), collector, sha256)) {
            throw new IOException("This node reports to " + link.get().url() + ", as " + origin()
                    + " says. Take that out first, then join again.");
        }
        return true;
    }

    /** @return empty when the collector's operator has to say yes first */
    public Optional<Secret> ask(URI collector, String sha256, Optional<String> name, Secret joinToken)
            throws IOException {
        Path state = loaded.config().stateDir();
        machine.files().makeFolders(state, ROOT_ONLY);
        String node = name.orElse(loaded.config().node().name());
        return new JoinRequest(collector, sha256, node, state).send(machine.vertx(), joinToken);
    }

    public void keep(URI collector, String sha256, Optional<String> name, Secret token) throws IOException {
        new JoinedCollector(machine.files(), configFile).keep(collector, sha256, name, token);
    }

    private String origin() {
        return loaded.values().stream()
                .filter(value -> value.path().equals("collector.url"))
                .map(EffectiveValue::origin)
                .findFirst()
                .orElse(configFile.toString());
    }

    @Override
    public void close() {
        machine.close();
    }
}
