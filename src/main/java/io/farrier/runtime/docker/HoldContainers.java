package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.api.model.Container;
import io.farrier.image.ImageId;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import io.farrier.image.Sha256;
import io.farrier.transport.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * dockerd cannot pin an image, but it refuses to remove one that a container refers to. So a container is created, and
 * never started: it costs a folder, no process and no network. {@code docker image prune -a} and the kubelet's garbage
 * collector leave the image then; {@code docker system prune -a} removes such a container first and the image after it.
 */
final class HoldContainers {
    private static final String LABEL = "io.farrier.hold";
    private static final String NAME = "farrier-hold-";
    private static final int NAME_DIGITS = 12;

    private final DockerApi api;

    HoldContainers(DockerApi api) {
        this.api = api;
    }

    /** Ours are no containers to anybody who looks after containers. */
    static boolean isHold(Container container) {
        Map<String, String> labels = container.getLabels();
        return labels != null && labels.containsKey(LABEL);
    }

    void hold(Reference reference, ImageId image) throws IOException {
        Optional<JsonNode> there = find(reference);
        if (there.isPresent() && there.get().path("ImageID").asText().equals(image.value())) {
            return;
        }
        if (there.isPresent()) {
            // The tag has moved on since: what it holds is another image.
            remove(there.get());
        }
        Response response = api.call(
                "POST",
                "/containers/create?name=" + name(reference),
                out -> out.withHeaders(Map.of("Content-Type", "application/json"))
                        .withBody(body(reference)));
        if (response.status() != 201) {
            throw new IOException("Tried to hold " + reference + " with a container that is never started but dockerd"
                    + " answered " + response.status() + ": " + DockerApi.words(response));
        }
    }

    private static byte[] body(Reference reference) {
        ObjectNode body = DockerApi.Json.MAPPER.createObjectNode();
        body.put("Image", reference.familiar());
        // An image may have no command of its own; dockerd wants one, and never runs this.
        body.putArray("Entrypoint").add("/farrier-hold-is-never-started");
        body.put("NetworkDisabled", true);
        body.putObject("Labels").put(LABEL, reference.toString());
        body.putObject("HostConfig").put("NetworkMode", "none");
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String name(Reference reference) {
        String hex = Sha256.hex(reference.toString().getBytes(StandardCharsets.UTF_8));
        return NAME + hex.substring(0, NAME_DIGITS);
    }

    void release(Reference reference) throws IOException {
        Optional<JsonNode> there = find(reference);
        if (there.isPresent()) {
            remove(there.get());
        }
    }

    private void remove(JsonNode container) throws IOException {
        Response response =
                api.call("DELETE", "/containers/" + container.path("Id").asText(), plain -> plain);
        if (response.status() != 204 && response.status() != 404) {
            throw new IOException("Tried to remove a hold of farrier's but dockerd answered " + response.status() + ": "
                    + DockerApi.words(response));
        }
    }

    private Optional<JsonNode> find(Reference reference) throws IOException {
        for (JsonNode container : list()) {
            if (container.path("Labels").path(LABEL).asText().equals(reference.toString())) {
                return Optional.of(container);
            }
        }
        return Optional.empty();
    }

    Set<Reference> held() throws IOException {
        Set<Reference> held = new LinkedHashSet<>();
        for (JsonNode container : list()) {
            // dockerd shows the id once the name leads to another image: then the name is not held.
            boolean isCurrent = !container.path("Image").asText().startsWith("sha256:");
            if (isCurrent) {
                parse(container.path("Labels").path(LABEL).asText()).ifPresent(held::add);
            }
        }
        return held;
    }

    private static Optional<Reference> parse(String text) {
        try {
            return Optional.of(Reference.parse(text));
        } catch (InvalidReferenceException writtenBySomebodyElse) {
            return Optional.empty();
        }
    }

    private JsonNode list() throws IOException {
        String filters = DockerWatch.encoded("{\"label\":[\"" + LABEL + "\"]}");
        Response response = api.call("GET", "/containers/json?all=1&filters=" + filters, plain -> plain);
        if (response.status() != 200) {
            throw new IOException("dockerd refused to list farrier's holds: " + DockerApi.words(response));
        }
        return DockerApi.Json.MAPPER.readTree(response.body());
    }
}
