package io.farrier.runtime.containerd;

import io.farrier.runtime.containerd.cri.Container;
import io.farrier.runtime.containerd.cri.ContainerStatus;
import io.farrier.runtime.containerd.cri.ContainerStatusRequest;
import io.farrier.runtime.containerd.cri.ContainerStatusResponse;
import io.farrier.runtime.containerd.cri.ListContainersRequest;
import io.farrier.runtime.containerd.cri.ListContainersResponse;
import io.farrier.runtime.containerd.cri.PodSandboxStatusRequest;
import io.farrier.runtime.containerd.cri.PodSandboxStatusResponse;
import io.farrier.sample.ContainerSample;
import io.farrier.transport.GrpcException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * All containers, for the price of one list call as long as nothing happens: on CRI a container that restarts is a new
 * one, so its status only changes with its state.
 */
final class ContainerTable {
    private final CriApi api;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    private record Seen(int state, ContainerSample sample) {}

    ContainerTable(CriApi api) {
        this.api = api;
    }

    List<ContainerSample> list() throws IOException {
        List<Container> listed = api.call(
                        "RuntimeService/ListContainers",
                        ListContainersRequest.getDefaultInstance(),
                        ListContainersResponse.parser(),
                        CriApi.DEADLINE)
                .getContainersList();
        List<ContainerSample> samples = new ArrayList<>();
        for (Container container : listed) {
            look(container).map(Seen::sample).ifPresent(samples::add);
        }
        Set<String> now = samples.stream().map(ContainerSample::id).collect(Collectors.toSet());
        seen.keySet().retainAll(now);
        return List.copyOf(samples);
    }

    private Optional<Seen> look(Container container) throws IOException {
        Seen known = seen.get(container.getId());
        if (known != null && known.state() == container.getStateValue()) {
            return Optional.of(known);
        }
        Optional<ContainerStatus> status = status(container.getId());
        if (status.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> ofPod = known == null
                ? podLabels(container.getPodSandboxId())
                : known.sample().labels();
        ContainerSample sample = ContainerReader.read(status.get()).withPodLabels(ofPod);
        Seen fresh = new Seen(container.getStateValue(), sample);
        seen.put(container.getId(), fresh);
        return Optional.of(fresh);
    }

    /** Only the sandbox has those that the pod was given; it may be gone before its containers are. */
    private Map<String, String> podLabels(String sandbox) throws IOException {
        try {
            return api.call(
                            "RuntimeService/PodSandboxStatus",
                            PodSandboxStatusRequest.newBuilder()
                                    .setPodSandboxId(sandbox)
                                    .build(),
                            PodSandboxStatusResponse.parser(),
                            CriApi.DEADLINE)
                    .getStatus()
                    .getLabelsMap();
        } catch (GrpcException e) {
            if (e.status() == GrpcException.NOT_FOUND) {
                return Map.of();
            }
            throw e;
        }
    }

    /** Empty when it went away since the list was made. */
    private Optional<ContainerStatus> status(String id) throws IOException {
        try {
            return Optional.of(api.call(
                            "RuntimeService/ContainerStatus",
                            ContainerStatusRequest.newBuilder()
                                    .setContainerId(id)
                                    .build(),
                            ContainerStatusResponse.parser(),
                            CriApi.DEADLINE)
                    .getStatus());
        } catch (GrpcException e) {
            if (e.status() == GrpcException.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
