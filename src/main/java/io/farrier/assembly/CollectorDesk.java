package io.farrier.assembly;

import io.farrier.collector.identity.Joins;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.identity.ServerCertificate;
import io.farrier.config.CollectorConfig;
import io.farrier.image.Sha256;
import io.farrier.node.HostName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the operator of a collector decides who may join, beside the running one: on the same files. */
public final class CollectorDesk {
    private final CollectorConfig config;
    private final Joins joins;

    private CollectorDesk(CollectorConfig config, Joins joins) {
        this.config = config;
        this.joins = joins;
    }

    /** @throws IOException with a sentence for the operator */
    public static CollectorDesk open(Path configFile) throws IOException {
        CollectorConfig config;
        try (Machine machine = new Machine(Path.of("/"))) {
            config = machine.loader().loadCollector(configFile.toAbsolutePath()).config();
        }
        return new CollectorDesk(config, Joins.open(config.stateDir(), new SecureRandom(), Clock.systemUTC()));
    }

    public Joins joins() {
        return joins;
    }

    /** {@code https://host:port} as nodes reach it, if nobody says better. */
    public String address() {
        String listen = config.listen().host();
        boolean isOne = !listen.isEmpty() && !listen.equals("0.0.0.0") && !listen.equals("::");
        String host = config.names().stream().findFirst().orElse(isOne ? listen : HostName.ofThisNode());
        return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + config.listen().port();
    }

    /** What the running collector shows. */
    public ServerCertificate certificate() throws IOException {
        return ServerCertificate.shown(config);
    }

    /** @param sha256 lower-case hex */
    public record InstallFile(String name, String sha256) {}

    /** The newest package that it hands out for that architecture. */
    public Optional<InstallFile> newestPackage(String architecture) throws IOException {
        if (!Files.isDirectory(config.packages())) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(config.packages())) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().matches("farrier_.+_" + architecture + "\\.deb"))
                    .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .toList();
            return found.stream()
                    .max(Comparator.comparing(CollectorDesk::modified))
                    .map(file -> new InstallFile(file.getFileName().toString(), sha256(file)));
        }
    }

    public Path packages() {
        return config.packages();
    }

    /** The running collector reads it within a minute. */
    public void forget(NodeName node) throws IOException {
        joins.forget(node);
        Path requests = Files.createDirectories(config.stateDir().resolve("forget"));
        Path request = requests.resolve(node.value());
        if (!Files.exists(request)) {
            Files.createFile(request);
        }
    }

    private static long modified(Path file) {
        return file.toFile().lastModified();
    }

    private static String sha256(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return Sha256.hex(bytes);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("Tried to read " + file + " but: " + unreadable, unreadable);
        }
    }
}
