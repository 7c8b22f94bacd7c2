package io.farrier.assembly;

import io.farrier.agent.Agent;
import io.farrier.agent.ControlSocket;
import io.farrier.agent.Identity;
import io.farrier.config.FarrierConfig;
import io.farrier.config.Loaded;
import io.farrier.ledger.StateFormat;
import io.farrier.logs.CheckpointFile;
import io.farrier.logs.UnitScope;
import io.farrier.logs.docker.ContainerCopies;
import io.farrier.logs.journal.Journal;
import io.farrier.logs.journal.JournalUnits;
import io.farrier.node.Heartbeat;
import io.farrier.node.ReloadSignal;
import io.farrier.node.SafeModeFile;
import io.farrier.spool.DiskSpool;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** The agent's graph; it ends when this is closed. */
public final class RunningAgent implements AutoCloseable {
    private static final int ROOT_ONLY = 0700;

    private final Machine machine;
    private final NodeRuntime runtime;
    private final Agent agent;
    private final ControlSocket socket;
    private final Heartbeat heart;
    private final Lives lives;

    private RunningAgent(
            Machine machine, NodeRuntime runtime, Agent agent, ControlSocket socket, Heartbeat heart, Lives lives) {
        this.machine = machine;
        this.runtime = runtime;
        this.agent = agent;
        this.socket = socket;
        this.heart = heart;
        this.lives = lives;
    }

    /** @throws IOException with a sentence for the operator */
    public static RunningAgent start(Path configFile) throws IOException {
        Machine machine = new Machine(Path.of("/"));
        Loaded<FarrierConfig> loaded = machine.loader().load(configFile.toAbsolutePath());
        FarrierConfig config = loaded.config();
        NodeRuntime runtime = new NodeRuntime(machine, config);
        Path state = config.stateDir();
        Path spool = state.resolve("spool");
        new StateFormat(machine.files(), state).check();
        machine.files().makeFolders(state, ROOT_ONLY);
        machine.files().makeFolders(spool, ROOT_ONLY);
        SecureRandom random = new SecureRandom();
        Agent agent = new Agent(new Agent.Parts(
                Identity.ofThisStart(Build.version()),
                config,
                new ConfigurationFiles(machine, runtime, configFile.toAbsolutePath(), loaded),
                machine.pause(),
                new SafeModeFile(machine.files(), state),
                runtime.runtime(),
                DiskSpool.open(spool, DiskSpool.DEFAULT_BYTES, random),
                new CheckpointFile(state),
                machine.vertx(),
                random,
                machine.clock(),
                System::nanoTime,
                machine::isEtcdNode,
                units(config, machine),
                copies(config, machine, runtime)));
        ControlSocket socket = ControlSocket.open(machine.vertx(), ControlSocket.DEFAULT_PATH, agent);
        ReloadSignal.onReload(agent::reload);
        // All that READY promises is done; what the last lives were like decides what the lanes do, not whether they
        // run.
        Heartbeat heart = ServiceManager.heartbeat(agent::pulse);
        // Only now: an agent beside another one got no further than this.
        Lives lives = Lives.begin(machine, state);
        agent.start();
        return new RunningAgent(machine, runtime, agent, socket, heart, lives);
    }

    private static Optional<JournalUnits> units(FarrierConfig config, Machine machine) throws IOException {
        List<String> units = new UnitScope(config.logs().units(), config.logs().exclude()).shipped();
        return config.collector().isEmpty() || units.isEmpty()
                ? Optional.empty()
                : Optional.of(JournalUnits.open(
                        Journal.ofThisMachine(),
                        units,
                        config.stateDir().resolve("units"),
                        System::nanoTime,
                        machine.clock()));
    }

    private static Optional<ContainerCopies> copies(FarrierConfig config, Machine machine, NodeRuntime runtime)
            throws IOException {
        return config.collector().isEmpty()
                ? Optional.empty()
                : Optional.of(ContainerCopies.open(
                        runtime.dockerLogs(),
                        config.stateDir().resolve("docker-logs"),
                        System::nanoTime,
                        machine.clock()));
    }

    @Override
    public void close() throws IOException {
        heart.close();
        socket.close();
        agent.close();
        runtime.close();
        machine.close();
        lives.end();
    }
}
