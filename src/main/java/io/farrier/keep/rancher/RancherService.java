package io.farrier.keep.rancher;

import io.farrier.node.Commands;
import io.farrier.node.DaemonProcess;
import io.farrier.node.Processes;
import io.farrier.plan.DaemonName;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The k3s or RKE2 of this node: since when it runs, and how it is restarted. */
public final class RancherService implements Daemon {
    private static final Duration SYSTEMCTL_DEADLINE = Duration.ofSeconds(10);

    /** It is up when its node is: images that lie in its folder are imported before (FACTS 2.4). */
    private static final Duration RESTART_DEADLINE = Duration.ofMinutes(10);

    private static final Pattern PROGRAM = Pattern.compile("path=(\\S+)");

    private final DaemonName name;
    private final ContainerRuntime runtime;
    private final Commands commands;
    private final Processes processes;
    private final DaemonProcess containerd;

    /** @param socket of its containerd */
    public RancherService(
            DaemonName name, ContainerRuntime runtime, Commands commands, Processes processes, Path socket) {
        this.name = name;
        this.runtime = runtime;
        this.commands = commands;
        this.processes = processes;
        this.containerd = new DaemonProcess("containerd", List.of(), List.of(socket), List.of());
    }

    /**
     * What was seen of one that runs.
     *
     * @param program what a start would run; empty where that is not known
     * @param unitChanged true when systemd has not read the changed unit yet
     */
    record Sighting(Instant started, Optional<Path> program, boolean unitChanged) {}

    /** Empty when it does not run: it then reads its files when it starts. */
    Optional<Sighting> look() {
        Map<String, String> unit = unit();
        Optional<Instant> started = started(unit.getOrDefault("MainPID", "0"));
        return started.isPresent()
                ? Optional.of(new Sighting(
                        started.get(),
                        program(unit),
                        unit.getOrDefault("NeedDaemonReload", "no").equals("yes")))
                : containerdStarted().map(since -> new Sighting(since, Optional.empty(), false));
    }

    private Map<String, String> unit() {
        Map<String, String> properties = new TreeMap<>();
        try {
            String out = commands.run(
                            SYSTEMCTL_DEADLINE,
                            List.of(
                                    "systemctl",
                                    "show",
                                    "--property=MainPID,NeedDaemonReload,ExecStart",
                                    name + ".service"))
                    .out();
            out.lines().filter(line -> line.contains("=")).forEach(line -> {
                int equals = line.indexOf('=');
                properties.put(line.substring(0, equals), line.substring(equals + 1));
            });
        } catch (IOException noSystemd) {
            return Map.of();
        }
        return properties;
    }

    private static Optional<Path> program(Map<String, String> unit) {
        Matcher path = PROGRAM.matcher(unit.getOrDefault("ExecStart", ""));
        return path.find() ? Optional.of(Path.of(path.group(1))) : Optional.empty();
    }

    private Optional<Instant> started(String pid) {
        try {
            return pid.matches("[1-9][0-9]{0,8}")
                    ? Optional.of(processes.started(Integer.parseInt(pid)))
                    : Optional.empty();
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** Under a unit of another name. Its containerd is its child, started right after it has read registries.yaml. */
    private Optional<Instant> containerdStarted() {
        try {
            return started(Integer.toString(processes.find(containerd)));
        } catch (IOException notRunning) {
            return Optional.empty();
        }
    }

    @Override
    public DaemonName name() {
        return name;
    }

    /** It reads nothing while it runs. One that a bad file kept from starting is started again. */
    @Override
    public void reload() throws IOException {
        if (!answers()) {
            systemctl("start");
        }
    }

    /** Containers run on: the unit has {@code KillMode=process}. */
    @Override
    public void restart() throws IOException {
        systemctl("restart");
    }

    private void systemctl(String verb) throws IOException {
        Commands.Result result = commands.run(RESTART_DEADLINE, List.of("systemctl", verb, name + ".service"));
        if (!result.succeeded()) {
            throw new IOException("Tried to run 'systemctl " + verb + " " + name + "' but it said: " + result.words());
        }
    }

    @Override
    public boolean answers() {
        try {
            runtime.info();
            return true;
        } catch (IOException silent) {
            return false;
        }
    }
}
