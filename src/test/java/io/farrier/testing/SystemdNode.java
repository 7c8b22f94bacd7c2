package io.farrier.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** A machine booted by systemd ({@code packaging/systemd-node}); it ends with {@link #close}, or with this JVM. */
public final class SystemdNode implements AutoCloseable {
    /** Only bounds waiting. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    public static final String REGISTRY = "registry.practice:5000";

    private final Path directory;
    private final Process starter;

    private SystemdNode(Path directory, Process starter) {
        this.directory = directory;
        this.starter = starter;
    }

    /** @param options of {@code systemd-node up} */
    public static SystemdNode up(String name, String... options) throws IOException {
        Path directory = Path.of("target", "systemd", name).toAbsolutePath();
        Files.createDirectories(directory);
        List<String> command = new ArrayList<>(List.of(script(), "up", directory.toString()));
        command.addAll(List.of(options));
        Process starter = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader words = starter.inputReader();
        List<String> said = new ArrayList<>();
        for (String line = words.readLine(); line != null; line = words.readLine()) {
            if (line.equals("READY")) {
                return new SystemdNode(directory, starter);
            }
            said.add(line);
        }
        throw new AssertionError("The machine did not come up:\n" + String.join("\n", said));
    }

    /** This host, as a machine of that name sees it; known before it is up. */
    public static String hostAddressFor(String name) throws IOException {
        Path directory = Path.of("target", "systemd", name).toAbsolutePath();
        Process network = new ProcessBuilder(script(), "network", directory.toString()).start();
        return new String(network.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip() + ".1";
    }

    /** The package, or tarball, that {@code -Dproperty} names. */
    public static Path built(String property) {
        String file = System.getProperty(property);
        if (file == null) {
            throw new AssertionError("-D" + property + " names no file: run packaging/bench.sh systemd");
        }
        return Path.of(file);
    }

    /** Runs a command on the machine until it ends, whatever its exit code; stderr is in {@code out}. */
    public Run run(String... command) {
        List<String> all = new ArrayList<>(List.of(script(), "exec", directory.toString(), "--"));
        all.addAll(List.of(command));
        try {
            Path out = Files.createTempFile("systemd-node", ".out");
            try {
                Process process = new ProcessBuilder(all)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .start();
                if (!process.waitFor(PATIENCE.toSeconds(), SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(
                            "Still running after " + PATIENCE + ": " + all + "\n" + Files.readString(out));
                }
                return new Run(List.of(command), process.exitValue(), Files.readString(out));
            } finally {
                Files.delete(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + all, e);
        }
    }

    /** A script for the machine's shell that must end with 0; its words, without white space around. */
    public String shell(String script) {
        return run("sh", "-euc", script).succeeded().out().strip();
    }

    /** One property of a unit, as {@code systemctl show} says it. */
    public String property(String unit, String name) {
        return shell("systemctl show --property=" + name + " --value " + unit);
    }

    public void write(String path, String content) {
        write(path, content.getBytes(StandardCharsets.UTF_8));
    }

    public void copy(Path file, String path) {
        try {
            write(path, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is in a tarball's one folder, into {@code folder}; the machine itself has no xz. */
    public void unpack(Path tarball, String folder) {
        shell("mkdir -p " + folder);
        try {
            Process unpacked = new ProcessBuilder("xz", "-dc", tarball.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            feed(unpacked.getInputStream(), "tar", "-C", folder, "--strip-components=1", "-x");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String path, byte[] content) {
        feed(new ByteArrayInputStream(content), "sh", "-c", "cat >\"$1\"", "write", path);
    }

    /** A command on the machine that reads {@code stdin} and must end with 0. */
    private void feed(InputStream stdin, String... command) {
        List<String> all = new ArrayList<>(List.of(script(), "exec", directory.toString(), "--"));
        all.addAll(List.of(command));
        try (stdin) {
            Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
            try (OutputStream out = process.getOutputStream()) {
                stdin.transferTo(out);
            }
            String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("Could not do " + List.of(command) + ": " + words);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits until the value is as expected; says what it saw last when it never is. */
    public void await(String what, Duration patience, String expected, Supplier<String> value) {
        long end = System.nanoTime() + patience.toNanos();
        String seen = value.get();
        while (!seen.equals(expected)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("Expected " + what + " to become '" + expected + "' within " + patience
                        + ", but it is '" + seen + "'\n"
                        + run("journalctl", "-n", "40", "--no-pager").out());
            }
            pause();
            seen = value.get();
        }
    }

    private static void pause() {
        java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }

    /** How often it was booted. */
    public int boots() {
        try {
            return Integer.parseInt(Files.readString(directory.resolve("boots")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path ca() {
        return directory.resolve("ca.crt");
    }

    @Override
    public void close() throws IOException {
        starter.getOutputStream().close();
        try {
            if (!starter.waitFor(PATIENCE.toSeconds(), SECONDS)) {
                starter.destroyForcibly();
                throw new AssertionError("The machine in " + directory + " is still there after " + PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String script() {
        return Path.of("packaging", "systemd-node").toAbsolutePath().toString();
    }

    public record Run(List<String> command, int exit, String out) {
        public Run succeeded() {
            return exited(0);
        }

        public Run exited(int expected) {
            if (exit != expected) {
                throw new AssertionError("Expected exit code " + expected + " but was " + this);
            }
            return this;
        }

        @Override
        public String toString() {
            return exit + " from " + String.join(" ", command) + "\n" + out;
        }
    }
}
