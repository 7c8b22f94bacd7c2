package io.farrier.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Containers' log files as dockerd's json-file driver leaves them below its data root, without a dockerd. */
public final class DockerLogs {
    private final Path dataRoot;
    private final Map<String, ContainerSample> containers = new TreeMap<>();
    private int written;

    public DockerLogs(Path dataRoot) {
        this.dataRoot = dataRoot;
    }

    public ContainerSample create(String name) throws IOException {
        return create(name, "etcd");
    }

    /** @param role null for a workload */
    public ContainerSample create(String name, @Nullable String role) throws IOException {
        String id = name + "0".repeat(8);
        Path log = log(id);
        Files.createDirectories(log.getParent());
        Files.createFile(log);
        ContainerSample container = RunningContainer.of(id, name, "image:1", null, role, log.toString());
        containers.put(id, container);
        return container;
    }

    /** What {@code ContainerRuntime.containers()} would answer now. */
    public List<ContainerSample> table() {
        return new ArrayList<>(containers.values());
    }

    /** Writes a line with a number that no other line has, and gives it back. */
    public String write(ContainerSample container) {
        return write(container, "");
    }

    public String write(ContainerSample container, String padding) {
        written++;
        String line = String.format(
                "{\"log\":\"line %d%s\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:00.%09dZ\"}",
                written, padding, written);
        append(container, line + "\n");
        return line;
    }

    public void append(ContainerSample container, String text) {
        try {
            Files.writeString(log(container.id()), text, UTF_8, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** By rename, as dockerd does: {@code .log} becomes {@code .log.1} and so on; the last one goes. */
    public void rotate(ContainerSample container, int maxFile) throws IOException {
        Path log = log(container.id());
        Files.deleteIfExists(rotated(log, maxFile - 1));
        for (int i = maxFile - 2; i >= 1; i--) {
            if (Files.exists(rotated(log, i))) {
                Files.move(rotated(log, i), rotated(log, i + 1));
            }
        }
        if (maxFile > 1) {
            Files.move(log, rotated(log, 1));
        } else {
            Files.delete(log);
        }
        Files.createFile(log);
    }

    /** As {@code truncate -s 0} by somebody who needs room. */
    public void truncate(ContainerSample container) throws IOException {
        Files.write(log(container.id()), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** As logrotate's copytruncate. */
    public void copyTruncate(ContainerSample container) throws IOException {
        Path log = log(container.id());
        Files.copy(log, rotated(log, 1), StandardCopyOption.REPLACE_EXISTING);
        truncate(container);
    }

    /** As {@code docker rm} does. */
    public void remove(ContainerSample container) throws IOException {
        containers.remove(container.id());
        Files.walkFileTree(log(container.id()).getParent(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failed) throws IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    public List<Path> holds() throws IOException {
        Path folder = dataRoot.resolve("farrier-held");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (var links = Files.list(folder)) {
            return links.sorted().toList();
        }
    }

    private Path log(String id) {
        return dataRoot.resolve("containers").resolve(id).resolve(id + "-json.log");
    }

    private static Path rotated(Path log, int number) {
        return log.resolveSibling(log.getFileName() + "." + number);
    }
}
