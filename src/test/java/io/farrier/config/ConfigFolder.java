package io.farrier.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.pki.PemFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** {@code /etc/farrier} below a root of the test's own, written as root would write it. */
final class ConfigFolder {
    static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final Path ETC = Path.of("/etc/farrier");

    private final Path root;

    ConfigFolder(Path root) {
        this.root = root;
    }

    ConfigFolder write(String name, String text) {
        return write(name, text.getBytes(UTF_8));
    }

    ConfigFolder write(String name, byte[] bytes) {
        try {
            Path file = real(name);
            makeFolder(file.getParent());
            Files.write(file, bytes);
            chmod(file, "rw-------");
            return this;
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    ConfigFolder writeFixture(String name, String fixture) {
        return write(name, PemFixture.bytes(fixture));
    }

    /** Where a file of the folder is on this machine. */
    Path real(String name) {
        return root.resolve("etc/farrier").resolve(name);
    }

    Loaded<FarrierConfig> load() throws InvalidConfigException {
        return loader().load(ETC.resolve("farrier.yaml"));
    }

    Loaded<FarrierConfig> load(String farrierYaml) throws InvalidConfigException {
        return write("farrier.yaml", farrierYaml).load();
    }

    Loaded<CollectorConfig> loadCollector(String collectorYaml) throws InvalidConfigException {
        write("collector.yaml", collectorYaml);
        return loader().loadCollector(ETC.resolve("collector.yaml"));
    }

    /** The problems of a farrier.yaml, each as {@code file:line: message} with the file relative to the folder. */
    List<String> problems(String farrierYaml) {
        write("farrier.yaml", farrierYaml);
        return problems();
    }

    List<String> problems() {
        try {
            load();
            return List.of();
        } catch (InvalidConfigException invalid) {
            return relative(invalid.problems());
        }
    }

    List<String> relative(List<Problem> problems) {
        return problems.stream()
                .map(problem -> problem.toString().replace(root + "/etc/farrier/", ""))
                .toList();
    }

    TrustedFiles trustedFiles() {
        try {
            return TrustedFiles.below(root, TrustedFiles.currentUser());
        } catch (IOException noProc) {
            throw new UncheckedIOException(noProc);
        }
    }

    static void chmod(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private ConfigLoader loader() {
        return new ConfigLoader(trustedFiles(), "Worker-1", Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private void makeFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (Path at = folder; !at.equals(root); at = at.getParent()) {
            chmod(at, "rwxr-xr-x");
        }
    }
}
