package io.farrier.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import jnr.constants.platform.Signal;
import jnr.posix.POSIXFactory;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/**
 * Finds a daemon's process: the systemd unit's MainPID, else the peer of its API socket, else its pid file. Whatever is
 * found counts only if {@code /proc/PID/comm} has the daemon's name.
 */
public final class Processes {
    private static final Duration SYSTEMCTL_DEADLINE = Duration.ofSeconds(10);

    /** dockerd with many containers takes a minute; its unit gives up after 90 s. */
    private static final Duration RESTART_DEADLINE = Duration.ofSeconds(120);

    /** USER_HZ: what the kernel tells user space, on every architecture that matters. */
    private static final double TICKS_PER_SECOND = 100;

    /** What the kernel writes behind the name of a program whose file has lost it. */
    private static final String DELETED = " (deleted)";

    private static final Path SYSTEMD_RUNS = Path.of("/run/systemd/system");

    private final Commands commands;
    private final Path proc;
    private final Path systemdRuns;

    public Processes(Commands commands) {
        this(commands, Path.of("/proc"), SYSTEMD_RUNS);
    }

    Processes(Commands commands, Path proc, Path systemdRuns) {
        this.commands = commands;
        this.proc = proc;
        this.systemdRuns = systemdRuns;
    }

    /** @throws ProcessNotFoundException with what was tried and what was seen */
    public int find(DaemonProcess daemon) throws IOException {
        List<String> seen = new ArrayList<>();
        OptionalInt pid = byUnit(daemon, seen);
        pid = pid.isPresent() ? pid : bySocket(daemon, seen);
        pid = pid.isPresent() ? pid : byPidFile(daemon, seen);
        return pid.orElseThrow(() -> new ProcessNotFoundException(
                "Tried to find the process of " + daemon.comm() + " but " + String.join("; ", seen) + "."));
    }

    /** Asks the daemon to read its configuration again. Its name is checked once more, because a pid can be reused. */
    public void hangUp(DaemonProcess daemon, int pid) throws IOException {
        if (!isNamed(pid, daemon.comm())) {
            throw new ProcessNotFoundException(
                    "Tried to send SIGHUP to " + daemon.comm() + " but pid " + pid + " is no longer it.");
        }
        if (POSIXFactory.getNativePOSIX().kill(pid, Signal.SIGHUP.intValue()) != 0) {
            throw new IOException(
                    "Tried to send SIGHUP to " + daemon.comm() + " (pid " + pid + ") but the kernel refused it.");
        }
    }

    /** Restarts the daemon's unit and returns when it says that it is up. */
    public void restart(DaemonProcess daemon) throws IOException {
        List<String> argv = new ArrayList<>(List.of("systemctl", "restart"));
        argv.addAll(daemon.units());
        Commands.Result result = commands.run(RESTART_DEADLINE, argv);
        if (!result.succeeded()) {
            throw new IOException("Tried to run '" + String.join(" ", argv) + "' but it said: " + result.words());
        }
    }

    /** The arguments it was started with, its own name first. */
    public List<String> commandLine(int pid) throws IOException {
        String line = Files.readString(proc.resolve(pid + "/cmdline"), StandardCharsets.UTF_8);
        return Arrays.asList(line.split("\0"));
    }

    /** The variables it was started with; needs root for others' processes. */
    public Map<String, String> environment(int pid) throws IOException {
        Map<String, String> variables = new HashMap<>();
        byte[] environ = Files.readAllBytes(proc.resolve(pid + "/environ"));
        for (String variable : new String(environ, StandardCharsets.UTF_8).split("\0", -1)) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.putIfAbsent(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }

    /** The program it runs, also when another one lies in its place meanwhile. */
    public Path program(int pid) {
        return proc.resolve(pid + "/exe");
    }

    /** The tree that it sees as {@code /}; it may run in a container. */
    public Path root(int pid) {
        return proc.resolve(pid + "/root");
    }

    /**
     * The file that a start would run, where it is no longer the program that this process runs: a package replaces a
     * program by another file under its name, and the process keeps the old one.
     */
    public Optional<Path> replacedProgram(int pid) throws IOException {
        String runs = Files.readSymbolicLink(program(pid)).toString();
        boolean isGone = runs.endsWith(DELETED);
        // Under its old file's new name, where it was moved aside; its first argument says what was started.
        String name = commandLine(pid).get(0);
        Path started = Path.of(name.startsWith("/") ? name : isGone ? runs.replace(DELETED, "") : runs);
        Path onDisk = proc.resolve(pid + "/root" + started);
        if (!Files.exists(onDisk)) {
            return isGone ? Optional.of(started) : Optional.empty();
        }
        boolean isSame = Files.isSameFile(onDisk, program(pid));
        // An older file under that name is a wrapper that gave its own name on.
        return !isSame && (isGone || named(onDisk).isAfter(started(pid))) ? Optional.of(started) : Optional.empty();
    }

    /** When its name was last given to a file: a package keeps the time that the program was built. */
    private static Instant named(Path file) throws IOException {
        return ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
    }

    /** Those of its children that have this name. */
    public List<Integer> children(int pid, String comm) throws IOException {
        List<Integer> children = new ArrayList<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(proc.resolve(pid + "/task"))) {
            for (Path thread : threads) {
                for (String child : content(thread.resolve("children")).split(" ")) {
                    if (child.matches("[0-9]{1,9}") && isNamed(Integer.parseInt(child), comm)) {
                        children.add(Integer.parseInt(child));
                    }
                }
            }
        }
        return children;
    }

    /**
     * When it was started, to some hundredths of a second: by the kernel's ticks since boot, because the time of boot itself
     * is known in seconds only.
     */
    public Instant started(int pid) throws IOException {
        String stat = Files.readString(proc.resolve(pid + "/stat"), StandardCharsets.UTF_8);
        // The second field is the name in brackets and may hold blanks; the 22nd is what we want (proc(5)).
        String[] behindName = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        double startedAfterBoot = Long.parseLong(behindName[19]) / TICKS_PER_SECOND;
        double uptime = Double.parseDouble(
                Files.readString(proc.resolve("uptime"), StandardCharsets.UTF_8).split(" ")[0]);
        return Instant.now().minusMillis(Math.round((uptime - startedAfterBoot) * 1000));
    }

    private OptionalInt byUnit(DaemonProcess daemon, List<String> seen) {
        if (!Files.isDirectory(systemdRuns)) {
            seen.add("systemd does not run here");
            return OptionalInt.empty();
        }
        for (String unit : daemon.units()) {
            OptionalInt pid = accepted(daemon, mainPid(unit), "MainPID of " + unit, seen);
            if (pid.isPresent()) {
                return pid;
            }
        }
        return OptionalInt.empty();
    }

    private String mainPid(String unit) {
        try {
            return commands.run(SYSTEMCTL_DEADLINE, List.of("systemctl", "show", "--property=MainPID", "--value", unit))
                    .out()
                    .strip();
        } catch (IOException noAnswer) {
            return "unknown: " + noAnswer.getMessage();
        }
    }

    private OptionalInt bySocket(DaemonProcess daemon, List<String> seen) {
        for (Path socket : daemon.sockets()) {
            if (!Files.exists(socket)) {
                seen.add("there is no " + socket);
                continue;
            }
            OptionalInt pid = accepted(daemon, peer(socket), "the peer of " + socket, seen);
            if (pid.isPresent()) {
                return pid;
            }
        }
        return OptionalInt.empty();
    }

    private static String peer(Path socket) {
        try (UnixSocketChannel channel = UnixSocketChannel.open(new UnixSocketAddress(socket.toFile()))) {
            return Integer.toString(channel.getOption(jnr.unixsocket.UnixSocketOptions.SO_PEERCRED)
                    .getPid());
        } catch (IOException nobodyListens) {
            return "unknown: " + nobodyListens.getMessage();
        }
    }

    private OptionalInt byPidFile(DaemonProcess daemon, List<String> seen) {
        for (Path file : daemon.pidFiles()) {
            if (!Files.isRegularFile(file)) {
                seen.add("there is no " + file);
                continue;
            }
            OptionalInt pid = accepted(daemon, content(file), "the pid in " + file, seen);
            if (pid.isPresent()) {
                return pid;
            }
        }
        return OptionalInt.empty();
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException unreadable) {
            return "unknown: " + unreadable.getMessage();
        }
    }

    private OptionalInt accepted(DaemonProcess daemon, String claimed, String source, List<String> seen) {
        if (!claimed.matches("[0-9]{1,9}")) {
            seen.add(source + " is " + claimed);
            return OptionalInt.empty();
        }
        int pid = Integer.parseInt(claimed);
        // 0: another pid namespace, or a unit that is down. 1: systemd opened the socket for it.
        if (pid <= 1 || !isNamed(pid, daemon.comm())) {
            seen.add(source + " is " + pid + ", which is not " + daemon.comm());
            return OptionalInt.empty();
        }
        return OptionalInt.of(pid);
    }

    private boolean isNamed(int pid, String comm) {
        return content(proc.resolve(pid + "/comm")).equals(comm);
    }
}
