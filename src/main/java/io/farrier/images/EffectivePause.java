package io.farrier.images;

import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import io.farrier.node.CommandLines;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.RuntimeInfo;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Which pause image this node's pods are really made with, under its exact name. containerd says it itself and heeds
 * nobody else (containerd/cri#813); for Docker it is what the running kubelet, or cri-dockerd, was started with. RKE runs
 * both in a container, and they are processes of the node all the same.
 */
public final class EffectivePause {
    private static final String FLAG = "--pod-infra-container-image";

    /** In the order in which they count: where cri-dockerd runs, the kubelet's flag decides nothing. */
    private static final List<String> WHO_SAYS_IT = List.of("cri-dockerd", "kubelet");

    private final ContainerRuntime runtime;
    private final CommandLines commandLines;

    public EffectivePause(ContainerRuntime runtime, CommandLines commandLines) {
        this.runtime = runtime;
        this.commandLines = commandLines;
    }

    /** Empty where nobody says it, which is no reason to guess. */
    public Optional<Reference> find() throws IOException {
        RuntimeInfo info = runtime.info();
        Optional<String> said = info.name().equals("docker") ? ofProcesses() : info.pauseImage();
        return said.flatMap(EffectivePause::parsed);
    }

    private static Optional<Reference> parsed(String text) {
        try {
            return Optional.of(Reference.parse(text));
        } catch (InvalidReferenceException notAName) {
            return Optional.empty();
        }
    }

    private Optional<String> ofProcesses() throws IOException {
        for (String name : WHO_SAYS_IT) {
            for (List<String> arguments : commandLines.of(name)) {
                Optional<String> said = flag(arguments);
                if (said.isPresent()) {
                    return said;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> flag(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith(FLAG + "=")) {
                return Optional.of(argument.substring(FLAG.length() + 1));
            }
            if (argument.equals(FLAG) && i + 1 < arguments.size()) {
                return Optional.of(arguments.get(i + 1));
            }
        }
        return Optional.empty();
    }
}
