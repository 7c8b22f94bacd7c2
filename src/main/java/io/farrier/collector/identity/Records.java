package io.farrier.collector.identity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Small things that the collector and the operator's commands share: a file each, 0600, replaced as a whole. One that
 * cannot be read is passed over: it costs itself, never its neighbours.
 */
final class Records<T> {
    private static final String SUFFIX = ".json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As many as a fleet has nodes, twice. */
    private static final int MAX_RECORDS = 20_000;

    private final Path folder;
    private final Function<T, JsonNode> write;
    private final Function<JsonNode, T> read;

    /** @param read may throw {@link RuntimeException} for what was not written by {@code write} */
    Records(Path folder, Function<T, JsonNode> write, Function<JsonNode, T> read) {
        this.folder = folder;
        this.write = write;
        this.read = read;
    }

    /** @param name a file name: checked by whoever made it */
    void put(String name, T value) throws IOException {
        PrivateFile.createFolder(folder);
        if (!Files.exists(folder.resolve(name + SUFFIX)) && names().size() >= MAX_RECORDS) {
            throw new IOException("Tried to add to " + folder + " but it holds " + MAX_RECORDS + " already.");
        }
        PrivateFile.write(folder.resolve(name + SUFFIX), JSON.writeValueAsString(write.apply(value)) + "\n");
    }

    Optional<T> find(String name) throws IOException {
        try {
            return Optional.of(read.apply(JSON.readTree(PrivateFile.read(folder.resolve(name + SUFFIX)))));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (JsonProcessingException | RuntimeException torn) {
            return Optional.empty();
        }
    }

    boolean remove(String name) throws IOException {
        return Files.deleteIfExists(folder.resolve(name + SUFFIX));
    }

    List<T> all() throws IOException {
        List<T> found = new ArrayList<>();
        for (String name : names()) {
            find(name).ifPresent(found::add);
        }
        return found;
    }

    private List<String> names() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX) && !name.startsWith("."))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .limit(MAX_RECORDS)
                    .toList();
        }
    }
}
