package io.farrier.runtime.containerd;

import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.document.TomlDocument;
import io.farrier.node.Commands;
import io.farrier.node.DaemonProcess;
import io.farrier.node.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a containerd makes the sandbox of a pod with, where CRI does not say it (from 2.0 on): out of the configuration files
 * that its process was started with, and where those are silent out of the program itself, which has a default of its own.
 * Such files count only at a start, so one look for each process is enough.
 *
 * <p>k3s and RKE2 write their {@code --pause-image} into that file, the system default registry before it.
 */
final class SandboxImage {
    /** Version 3 of the file, then 2, then 1; containerd 2 reads them all. */
    private static final List<KeyPath> KEYS = List.of(
            KeyPath.of("plugins", "io.containerd.cri.v1.images", "pinned_images", "sandbox"),
            KeyPath.of("plugins", "io.containerd.grpc.v1.cri", "sandbox_image"),
            KeyPath.of("plugins", "cri", "sandbox_image"));

    private static final KeyPath IMPORTS = KeyPath.of("imports");
    private static final String DEFAULT_FILE = "/etc/containerd/config.toml";
    private static final Duration DUMP_DEADLINE = Duration.ofSeconds(10);

    /** k3s' template imports one folder; who has more files than this is not read to the end. */
    private static final int MAX_IMPORTS = 64;

    private static final Duration SAME_START = Duration.ofSeconds(1);

    private final Processes processes;
    private final Commands commands;
    private final DaemonProcess containerd;
    private @Nullable Seen seen;

    private record Seen(int pid, Instant started, Optional<String> image) {
        boolean isOf(int other, Instant start) {
            return pid == other && Duration.between(started, start).abs().compareTo(SAME_START) < 0;
        }
    }

    SandboxImage(Processes processes, Commands commands, Path socket) {
        this.processes = processes;
        this.commands = commands;
        this.containerd = new DaemonProcess("containerd", List.of(), List.of(socket), List.of());
    }

    /** Empty where nobody says it. */
    synchronized Optional<String> find() {
        try {
            int pid = processes.find(containerd);
            Instant started = processes.started(pid);
            Seen known = seen;
            if (known == null || !known.isOf(pid, started)) {
                known = new Seen(pid, started, look(pid));
                seen = known;
            }
            return known.image();
        } catch (IOException gone) {
            // Or it is another runtime behind CRI, or a process that cannot be seen from here.
            return Optional.empty();
        }
    }

    private Optional<String> look(int pid) throws IOException {
        List<String> arguments = processes.commandLine(pid);
        String file = file(arguments);
        // Its own root: it may run in a container.
        Path root = processes.root(pid);
        Optional<String> written = ofFiles(root, file);
        return written.isPresent() ? written : ofProgram(root, arguments.get(0), file);
    }

    private static String file(List<String> arguments) {
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.matches("--?c(onfig)?") && i + 1 < arguments.size()) {
                return arguments.get(i + 1);
            }
            if (argument.matches("--?c(onfig)?=.+")) {
                return argument.substring(argument.indexOf('=') + 1);
            }
        }
        return DEFAULT_FILE;
    }

    // ---- from its files

    /** What is imported counts more than the file that imports it, and the last import most. */
    private static Optional<String> ofFiles(Path root, String file) {
        Optional<TomlDocument> main = document(inside(root, file));
        if (main.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> said = image(main.get());
        for (Path imported : imports(root, Path.of(file), main.get())) {
            Optional<String> more = document(imported).flatMap(SandboxImage::image);
            said = more.isPresent() ? more : said;
        }
        return said;
    }

    private static Path inside(Path root, String file) {
        return root.resolve(file.startsWith("/") ? file.substring(1) : file);
    }

    private static Optional<TomlDocument> document(Path file) {
        try {
            return Files.size(file) > TomlDocument.MAX_BYTES
                    ? Optional.empty()
                    : Optional.of(TomlDocument.parse(Files.readAllBytes(file)));
        } catch (IOException absentOrStrange) {
            // containerd itself reads more of TOML than farrier does; it is asked next.
            return Optional.empty();
        }
    }

    private static Optional<String> image(TomlDocument document) {
        return KEYS.stream()
                .flatMap(key -> document.get(key).stream())
                .flatMap(value -> text(value).stream())
                .findFirst();
    }

    private static Optional<String> text(JsonValue value) {
        return value instanceof JsonValue.Text text && !text.value().isBlank()
                ? Optional.of(text.value())
                : Optional.empty();
    }

    private static List<Path> imports(Path root, Path file, TomlDocument main) {
        List<Path> files = new ArrayList<>();
        if (main.get(IMPORTS).orElse(null) instanceof JsonValue.Array patterns) {
            for (JsonValue pattern : patterns.elements()) {
                text(pattern).ifPresent(glob -> files.addAll(matching(root, file.resolveSibling(glob))));
            }
        }
        return files.subList(0, Math.min(files.size(), MAX_IMPORTS));
    }

    private static List<Path> matching(Path root, Path pattern) {
        Path folder = inside(root, String.valueOf(pattern.getParent()));
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(folder, pattern.getFileName().toString())) {
            found.forEach(files::add);
        } catch (IOException none) {
            return List.of();
        }
        return files.stream().sorted().toList();
    }

    // ---- from the program

    /** {@code containerd config dump} shows what it would run with, defaults included. */
    private Optional<String> ofProgram(Path root, String program, String file) {
        List<String> argv = new ArrayList<>(List.of(program, "--config", file, "config", "dump"));
        try {
            if (!Files.isSameFile(root, Path.of("/"))) {
                argv.addAll(0, List.of("chroot", root.toString()));
            }
            Commands.Result dump = commands.run(DUMP_DEADLINE, argv);
            return dump.succeeded()
                    ? image(TomlDocument.parse(dump.out().getBytes(StandardCharsets.UTF_8)))
                    : Optional.empty();
        } catch (IOException silent) {
            return Optional.empty();
        }
    }
}
