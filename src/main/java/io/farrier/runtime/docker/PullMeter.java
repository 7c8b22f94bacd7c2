package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.runtime.PullListener.PullProgress;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Adds up what dockerd says of the single layers of one pull. */
final class PullMeter {
    private static final int MAX_LAYERS = 1024; // an image has 127 at most; a stream that names more is not a pull

    private final Map<String, Layer> layers = new HashMap<>();
    private final Map<String, String> statuses = new HashMap<>();

    private record Layer(long done, long total) {
        Layer whole() {
            return new Layer(total, total);
        }
    }

    /**
     * Takes one line of the stream; empty when it says nothing about progress.
     *
     * @throws IOException with the daemon's words when the line is an error: it comes inside a stream of status 200
     */
    Optional<PullProgress> accept(JsonNode line) throws IOException {
        if (line.has("error") || line.has("errorDetail")) {
            throw new IOException(line.path("errorDetail")
                    .path("message")
                    .asText(line.path("error").asText("dockerd gave no reason")));
        }
        String status = line.path("status").asText("");
        String id = line.path("id").asText("");
        if (id.isEmpty() || status.startsWith("Pulling from")) {
            return Optional.empty();
        }
        if (statuses.size() < MAX_LAYERS || statuses.containsKey(id)) {
            statuses.put(id, status);
        }
        weigh(id, status, line.path("progressDetail"));
        return Optional.of(new PullProgress(sum(true), sum(false), status));
    }

    /**
     * True while nothing is being unpacked: then all it waits for is a manifest, a configuration, a layer. A checksum is ready
     * with the last byte of a layer; one that is wrong stays the layer's last word while the image is tried anew.
     */
    boolean isWaitingForBytes() {
        return !statuses.containsValue("Extracting");
    }

    /** True while it has no turn: dockerd downloads three layers at a time, those of all pulls together. */
    boolean isQueued() {
        return statuses.containsValue("Waiting") && !statuses.containsValue("Downloading");
    }

    private void weigh(String id, String status, JsonNode detail) {
        if (layers.size() >= MAX_LAYERS && !layers.containsKey(id)) {
            return;
        }
        long total = detail.path("total").asLong(0);
        switch (status) {
            case "Downloading" ->
                layers.put(id, new Layer(detail.path("current").asLong(0), total));
            // Small layers are never seen downloading; the total is that of the compressed layer here, too.
            case "Extracting" -> layers.merge(id, new Layer(total, total), (old, seen) -> seen.total > 0 ? seen : old);
            case "Download complete", "Pull complete" -> layers.merge(id, new Layer(0, 0), (old, seen) -> old.whole());
            default -> layers.putIfAbsent(id, new Layer(0, 0));
        }
    }

    private long sum(boolean done) {
        return layers.values().stream().mapToLong(l -> done ? l.done : l.total).sum();
    }
}
