package io.farrier.keep.docker;

import io.farrier.node.Commands;
import io.farrier.node.DaemonProcess;
import io.farrier.node.Processes;
import io.farrier.node.StagedStart;
import io.farrier.plan.DaemonName;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LiveSettings;
import io.farrier.runtime.RuntimeInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The dockerd of this node, as far as planning must know it: version, live settings, command line, its own check of a file. */
public final class RunningDockerd {
    public static final DaemonName NAME = new DaemonName("docker");

    private static final Duration VALIDATE_DEADLINE = Duration.ofSeconds(20);

    private final ContainerRuntime runtime;
    private final Processes processes;
    private final DaemonProcess process;
    private final Commands commands;

    public RunningDockerd(ContainerRuntime runtime, Processes processes, DaemonProcess process, Commands commands) {
        this.runtime = runtime;
        this.processes = processes;
        this.process = process;
        this.commands = commands;
    }

    /**
     * What was seen of a dockerd that answers.
     *
     * @param version empty where it has none that can be read
     * @param live empty where /info did not show it
     */
    record Sighting(Optional<EngineVersion> version, Optional<LiveSettings> live, DockerdFlags flags) {}

    /** Empty when it does not answer. */
    Optional<Sighting> look() {
        try {
            RuntimeInfo info = runtime.info();
            return Optional.of(new Sighting(EngineVersion.parse(info.version()), info.live(), flags()));
        } catch (IOException silent) {
            return Optional.empty();
        }
    }

    private DockerdFlags flags() {
        try {
            return DockerdFlags.of(arguments(processes.find(process)));
        } catch (IOException notFound) {
            // Its flags are then unknown; a conflict shows at the reload, which does not confirm and is rolled back.
            return DockerdFlags.NONE;
        }
    }

    private List<String> arguments(int pid) throws IOException {
        List<String> line = processes.commandLine(pid);
        return line.subList(Math.min(1, line.size()), line.size());
    }

    /**
     * What a restart would bring into effect that is not farrier's.
     *
     * @param since when it was started
     * @param beside another program or unit, as clauses
     */
    record Start(Instant since, List<String> beside) {
        Start {
            beside = List.copyOf(beside);
        }
    }

    /** Empty where its process is not to be found. */
    Optional<Start> start() {
        try {
            int pid = processes.find(process);
            return Optional.of(new Start(
                    processes.started(pid), new StagedStart(commands, processes).clauses(process, pid, "containerd")));
        } catch (IOException notFound) {
            return Optional.empty();
        }
    }

    /** The running program's own words against {@code file}; empty when it takes it, or has no {@code --validate}. */
    Optional<String> complaint(Path file) throws IOException {
        Optional<EngineVersion> version = look().flatMap(Sighting::version);
        if (version.isEmpty() || !version.get().isAtLeast(EngineVersion.VALIDATES)) {
            return Optional.empty();
        }
        Optional<Integer> pid = pid();
        if (pid.isEmpty()) {
            return Optional.empty();
        }
        Commands.Result result = commands.run(VALIDATE_DEADLINE, validation(pid.get(), file));
        return result.succeeded() ? Optional.empty() : Optional.of(result.words());
    }

    /** Empty where it is not to be found: the gate then decides alone. */
    private Optional<Integer> pid() {
        try {
            return Optional.of(processes.find(process));
        } catch (IOException notFound) {
            return Optional.empty();
        }
    }

    /** With the flags it runs with, or a conflict between flag and file would stay unseen. */
    private List<String> validation(int pid, Path file) throws IOException {
        List<String> argv =
                new ArrayList<>(List.of("/proc/" + pid + "/exe", "--validate", "--config-file", file.toString()));
        List<String> arguments = arguments(pid);
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).equals("--config-file")) {
                i++;
            } else if (!arguments.get(i).startsWith("--config-file=")) {
                argv.add(arguments.get(i));
            }
        }
        return argv;
    }
}
