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
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * All containers, for the price of one list call as long as nothing happens. A container is inspected again when an event
 * names it, when events may have been missed, and when its line in the list says something else, or that it is younger than
 * the last look is old: Docker's words for its age begin anew when it restarts, so a restart between two looks shows even
 * where state and id are the same.
 */
final class ContainerTable {
    private final DockerApi api;
    private final LongSupplier nanos;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    private record Seen(String line, StatusWords status, long at, ContainerSample sample) {
        boolean isStill(String lineNow, StatusWords statusNow, long now) {
            return line.equals(lineNow) && statusNow.isStill(status, TimeUnit.NANOSECONDS.toSeconds(now - at));
        }
    }

    ContainerTable(DockerApi api, LongSupplier nanos) {
        this.api = api;
        this.nanos = nanos;
    }

    /** Something happened to it: its next listing is inspected, however it reads. */
    void forget(String id) {
        seen.remove(id);
    }

    /** Anything may have happened to all of them. */
    void forgetAll() {
        seen.clear();
    }

    List<ContainerSample> list() throws IOException {
        long asked = nanos.getAsLong();
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
            look(container, asked).ifPresent(found -> {
                now.put(found.sample().id(), found);
                samples.add(found.sample());
            });
        }
        seen.keySet().retainAll(now.keySet());
        return PodLabels.joined(samples);
    }

    /** @param asked when, before Docker answered */
    private Optional<Seen> look(Container container, long asked) throws IOException {
        String id = Objects.requireNonNullElse(container.getId(), "");
        String line = container.getState() + " " + String.join(",", names(container));
        StatusWords status = StatusWords.parse(Objects.requireNonNullElse(container.getStatus(), ""));
        Seen known = seen.get(id);
        if (known != null && known.isStill(line, status, nanos.getAsLong())) {
            Seen older = new Seen(line, status, asked, known.sample());
            // Not if it was forgotten meanwhile.
            seen.replace(id, known, older);
            return Optional.of(older);
        }
        Optional<Seen> fresh =
                inspect(id).map(response -> new Seen(line, status, asked, ContainerReader.read(response)));
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
