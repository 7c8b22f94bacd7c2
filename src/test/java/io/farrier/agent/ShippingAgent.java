package io.farrier.agent;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.logs.CheckpointFile;
import io.farrier.node.NodeFiles;
import io.farrier.node.PauseFile;
import io.farrier.node.SafeModeFile;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.NodeSample;
import io.farrier.secret.Secret;
import io.farrier.spool.DiskSpool;
import io.farrier.testing.Configurations;
import io.farrier.testing.FakeRuntime;
import io.farrier.testing.IdleWork;
import io.farrier.testing.RunningContainer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The agent as it is, in a process of its own, on a node whose container table is a list of log files: to be measured, or
 * killed. Arguments: its state folder, the collector's URL, a file with the token, the collector's CA or {@code -}, a file
 * that lists the log files, and perhaps a file with the seconds by which its clock is wrong.
 */
public final class ShippingAgent {
    private static final long HOLD_BYTES = 1L << 40;

    private ShippingAgent() {}

    public static void main(String[] arguments) throws Exception {
        Clock clock = arguments.length > 5 ? new WrongClock(Path.of(arguments[5])) : Clock.systemUTC();
        Agent agent = make(
                Path.of(arguments[0]),
                URI.create(arguments[1]),
                Path.of(arguments[2]),
                arguments[3].equals("-") ? Optional.empty() : Optional.of(Path.of(arguments[3])),
                Path.of(arguments[4]),
                clock,
                vertx(),
                new Random());
        agent.start();
        System.out.println("started");
    }

    static Agent make(
            Path stateDir,
            URI collector,
            Path token,
            Optional<Path> ca,
            Path logs,
            Clock clock,
            Vertx vertx,
            RandomGenerator random)
            throws IOException {
        Path state = Files.createDirectories(stateDir);
        CollectorLink link = new CollectorLink(
                collector,
                ca.isEmpty() ? Optional.empty() : Optional.of(Files.readAllBytes(ca.get())),
                Optional.empty(),
                Secret.of(Files.readString(token).strip()));
        FarrierConfig config = Configurations.shipping(state, link, HOLD_BYTES);
        FakeRuntime runtime = new FakeRuntime();
        runtime.runs(table(Files.readAllLines(logs)));
        return new Agent(new Agent.Parts(
                new Identity("0.1.0", "Debian", "6.1", "boot"),
                config,
                new IdleWork(config, new NodeSample(1, 0, 0, 0, 0, 1, 1, 0, 0, 1, List.of())),
                new PauseFile(NodeFiles.below(logs.toAbsolutePath().getParent()), Clock.systemUTC()),
                new SafeModeFile(NodeFiles.below(logs.toAbsolutePath().getParent()), Path.of("/")),
                runtime,
                DiskSpool.open(state, DiskSpool.DEFAULT_BYTES, random),
                new CheckpointFile(state),
                vertx,
                random,
                clock,
                System::nanoTime,
                () -> false,
                Optional.empty(),
                Optional.empty()));
    }

    /** As assembly makes it for the agent. */
    private static Vertx vertx() {
        return Vertx.vertx(new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(4)
                .setInternalBlockingPoolSize(4)
                .setBlockedThreadCheckInterval(1)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.HOURS));
    }

    /** Wrong by as many seconds as a file says now. */
    static final class WrongClock extends Clock {
        private final Path offset;

        WrongClock(Path offset) {
            this.offset = offset;
        }

        @Override
        public Instant instant() {
            try {
                return Instant.now().plusSeconds(Files.exists(offset) ? Long.parseLong(Files.readString(offset)) : 0);
            } catch (IOException | NumberFormatException beingWritten) {
                return Instant.now();
            }
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private static List<ContainerSample> table(List<String> logs) {
        List<ContainerSample> table = new ArrayList<>();
        for (String log : logs) {
            String id = "c" + table.size() + "0".repeat(8);
            table.add(RunningContainer.of(id, "etcd-" + table.size(), "image:1", null, "etcd", log));
        }
        return table;
    }
}
