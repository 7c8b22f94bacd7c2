package io.farrier.images;

import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.RuntimeInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
    private final Path proc;

    public EffectivePause(ContainerRuntime runtime, Path proc) {
        this.runtime = runtime;
        this.proc = proc;
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
            for (Path process : named(name)) {
                Optional<String> said = flag(arguments(process));
                if (said.isPresent()) {
                    return said;
                }
            }
        }
        return Optional.empty();
    }

    private List<Path> named(String name) throws IOException {
        try (Stream<Path> all = Files.list(proc)) {
            return all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .filter(path -> text(path.resolve("comm")).strip().equals(name))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static List<String> arguments(Path process) {
        return List.of(text(process.resolve("cmdline")).split("\0"));
    }

    /** A process may end while it is looked at. */
    private static String text(Path file) {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
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
