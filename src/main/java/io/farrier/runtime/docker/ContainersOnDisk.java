package io.farrier.runtime.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.farrier.node.NodeFiles;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Docker's containers as it wrote them down below its data root ({@code containers/<id>/config.v2.json}), for when it
 * does not answer.
 */
public final class ContainersOnDisk {
    private static final Path DAEMON_JSON = Path.of("/etc/docker/daemon.json");
    private static final Path DEFAULT_DATA_ROOT = Path.of("/var/lib/docker");

    /** A container with a thousand labels and mounts has a tenth of this. */
    private static final int MAX_FILE_BYTES = 4 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final NodeFiles files;

    public ContainersOnDisk(NodeFiles files) {
        this.files = files;
    }

    /** What a state was when Docker died is not known, so it is {@code UNKNOWN}. */
    public List<ContainerSample> list() throws IOException {
        Path containers = dataRoot().resolve("containers");
        List<ContainerSample> found = new ArrayList<>();
        for (NodeFiles.Entry entry : files.list(containers)) {
            Path folder = containers.resolve(entry.name());
            json(folder.resolve("config.v2.json"))
                    .map(config -> read(entry.name(), folder, config))
                    .ifPresent(found::add);
        }
        return PodLabels.joined(found);
    }

    /** As {@code daemon.json} says; {@code --data-root} of the command line is only known to a dockerd that runs. */
    private Path dataRoot() throws IOException {
        return json(DAEMON_JSON)
                .map(json -> json.path("data-root").asText(json.path("graph").asText()))
                .filter(text -> text.startsWith("/"))
                .map(Path::of)
                .orElse(DEFAULT_DATA_ROOT);
    }

    /** Empty where it is missing or no JSON: a container that is being made, or removed, is none. */
    private Optional<JsonNode> json(Path file) throws IOException {
        byte[] bytes = files.read(file, MAX_FILE_BYTES).content();
        try {
            return Optional.ofNullable(bytes.length == 0 ? null : JSON.readTree(bytes));
        } catch (JsonProcessingException halfWritten) {
            return Optional.empty();
        }
    }

    private static ContainerSample read(String id, Path folder, JsonNode config) {
        Map<String, String> labels = new TreeMap<>();
        config.path("Config")
                .path("Labels")
                .fields()
                .forEachRemaining(
                        label -> labels.put(label.getKey(), label.getValue().asText()));
        String name = config.path("Name").asText(id).replaceFirst("^/", "");
        // Docker moves with its data root, the path in its file does not.
        boolean hasFile = !config.path("LogPath").asText().isEmpty();
        return ContainerSample.onlyNamed(
                id,
                name,
                config.path("Config").path("Image").asText(),
                config.path("RestartCount").asInt(),
                ContainerReader.pod(name, labels),
                ContainerReader.role(name, labels),
                hasFile ? folder.resolve(id + "-json.log").toString() : null,
                labels);
    }
}
