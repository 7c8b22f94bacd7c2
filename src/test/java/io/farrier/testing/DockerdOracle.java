package io.farrier.testing;

import io.farrier.node.Commands;
import io.farrier.node.ProcessCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A real dockerd that is started on a daemon.json and stops right behind it: its pid file names a process that lives, and
 * that is the first thing it looks at once it has taken its configuration. From 23.0 on {@code --validate} is asked.
 */
public final class DockerdOracle implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int FIRST_WITH_VALIDATE = 23;
    private static final String TOOK_IT = "pid file found";

    private final Path root;
    private final Path folder;
    private final String version;

    private DockerdOracle(Path root) throws IOException {
        this.root = root;
        this.folder = Files.createTempDirectory(root.resolve("tmp"), "dockerd-oracle");
        this.version = said(in(List.of("dockerd", "--version"))).replaceFirst("(?s).*?version ([^,\\s]+).*", "$1");
    }

    /** @param suite {@code host} for this machine's dockerd, or a Debian suite */
    public static DockerdOracle of(String suite) throws IOException {
        return new DockerdOracle(
                suite.equals("host")
                        ? Path.of("/")
                        : Path.of(said(List.of("packaging/debian-root", suite, "containerd", "docker.io", "runc"))
                                .strip()));
    }

    private static String said(List<String> command) throws IOException {
        return new ProcessCommands().run(Duration.ofMinutes(10), command).out();
    }

    public String version() {
        return version;
    }

    /** What it says against the file; empty when it takes it. */
    public Optional<String> complaint(byte[] daemonJson) throws IOException {
        Path file = Files.write(folder.resolve("daemon.json"), daemonJson);
        String seen = "/" + root.relativize(file);
        return validates() ? validated(seen) : started(seen);
    }

    private boolean validates() {
        return Integer.parseInt(version.replaceFirst("\\..*", "")) >= FIRST_WITH_VALIDATE;
    }

    private Optional<String> validated(String file) throws IOException {
        Commands.Result said =
                new ProcessCommands().run(DEADLINE, in(List.of("dockerd", "--validate", "--config-file=" + file)));
        return said.succeeded() ? Optional.empty() : Optional.of(said.words());
    }

    private Optional<String> started(String file) throws IOException {
        Files.writeString(
                folder.resolve("pid"), Long.toString(ProcessHandle.current().pid()));
        String in = "/" + root.relativize(folder);
        Commands.Result said = new ProcessCommands()
                .run(
                        DEADLINE,
                        in(List.of(
                                "dockerd",
                                "--config-file=" + file,
                                "--data-root=" + in + "/data",
                                "--exec-root=" + in + "/exec",
                                "--pidfile=" + in + "/pid",
                                "--host=unix://" + in + "/sock",
                                "--containerd=" + in + "/no-containerd.sock",
                                "--bridge=none",
                                "--iptables=false")));
        return said.words().contains(TOOK_IT) ? Optional.empty() : Optional.of(said.words());
    }

    @Override
    public void close() throws IOException {
        new ProcessCommands().run(DEADLINE, List.of("rm", "-rf", folder.toString()));
    }

    /** In mounts of its own: dockerd mounts its data folder over itself and does not undo that when it fails. */
    private List<String> in(List<String> command) {
        List<String> all = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
        all.addAll(List.of("chroot", root.toString()));
        all.addAll(command);
        return all;
    }
}
