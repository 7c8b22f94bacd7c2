package io.farrier.runtime.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All containers, for the price of one list call as long as nothing happens. A container is inspected again when its
 * line in the list reads differently. That includes Docker's words for its age ("Up 5 minutes"), which get coarser as it
 * ages and begin anew when it restarts, so a restart between two looks shows even where state and id are the same.
 */
final class ContainerTable {
    private final DockerApi api;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    private record Seen(String line, ContainerSample sample) {}

    ContainerTable(DockerApi api) {
        this.api = api;
    }

    /** Something happened to it: its next listing is inspected, however it reads. */
    void forget(String id) {
        seen.remove(id);
    }

    List<ContainerSample> list() throws IOException {
        List<Container> listed;
        try {
            listed = api.ask(
                    docker -> docker.listContainersCmd().withShowAll(true).exec());
        } catch (DockerException refusal) {
            throw new IOException("dockerd refused to list its containers: " + DockerApi.words(refusal), refusal);
        }
        Map<String, Seen> now = new HashMap<>();
        List<ContainerSample> samples = new ArrayList<>();
        for (Container container : listed) {
            if (HoldContainers.isHold(container)) {
                continue;
            }
            look(container).ifPresent(found -> {
                now.put(found.sample().id(), found);
                samples.add(found.sample());
            });
        }
        seen.keySet().retainAll(now.keySet());
        return List.copyOf(samples);
    }

    private Optional<Seen> look(Container container) throws IOException {
        String id = Objects.requireNonNullElse(container.getId(), "");
        String line = container.getState() + " " + container.getStatus() + " " + String.join(",", names(container));
        Seen known = seen.get(id);
        if (known != null && known.line().equals(line)) {
            return Optional.of(known);
        }
        Optional<Seen> fresh = inspect(id).map(response -> new Seen(line, ContainerReader.read(response)));
        fresh.ifPresent(found -> seen.put(id, found));
        return fresh;
    }

    private static String[] names(Container container) {
        String[] names = container.getNames();
        return names == null ? new String[0] : names;
    }

    /** Empty when it went away since the list was made. */
    private Optional<InspectContainerResponse> inspect(String id) throws IOException {
        try {
            return Optional.of(api.ask(docker -> docker.inspectContainerCmd(id).exec()));
        } catch (NotFoundException gone) {
            return Optional.empty();
        } catch (DockerException refusal) {
            throw new IOException("dockerd refused to show container " + id + ": " + DockerApi.words(refusal), refusal);
        }
    }
}
