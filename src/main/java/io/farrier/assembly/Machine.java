package io.farrier.assembly;

import io.farrier.config.ConfigLoader;
import io.farrier.config.TrustedFiles;
import io.farrier.node.Commands;
import io.farrier.node.HostName;
import io.farrier.node.NodeFiles;
import io.farrier.node.PauseFile;
import io.farrier.node.ProcessCommands;
import io.farrier.node.Processes;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a process has once, whatever the configuration says: the tree it works on, programs, network, time. */
final class Machine implements AutoCloseable {
    private static final Path THIS_NODE = Path.of("/");

    /** Where etcd keeps its data: RKE, k3s, RKE2. */
    private static final List<Path> ETCD = List.of(
            Path.of("var/lib/etcd/member"),
            Path.of("var/lib/rancher/k3s/server/db/etcd"),
            Path.of("var/lib/rancher/rke2/server/db/etcd"));

    private final Path root;
    private final Clock clock = Clock.systemUTC();
    private final Commands commands = new ProcessCommands();
    private final Processes processes = new Processes(commands);
    private @Nullable Vertx vertx;
    private @Nullable Http http;

    Machine(Path root) {
        Cryptography.heedTheKernel();
        this.root = root.toAbsolutePath().normalize();
    }

    Path root() {
        return root;
    }

    /** False when there is another root: then no daemon is talked to. */
    boolean isThisNode() {
        return root.equals(THIS_NODE);
    }

    /** Whether it has etcd's data now: farrier may have come before etcd. */
    boolean isEtcdNode() {
        return ETCD.stream().anyMatch(path -> Files.isDirectory(root.resolve(path)));
    }

    Clock clock() {
        return clock;
    }

    Commands commands() {
        return commands;
    }

    Processes processes() {
        return processes;
    }

    NodeFiles files() throws IOException {
        return NodeFiles.below(root);
    }

    PauseFile pause() throws IOException {
        return new PauseFile(files(), clock);
    }

    /** Reads files that rule this node, and only such as nobody else may write. */
    ConfigLoader loader() throws IOException {
        return loader(trusted());
    }

    /** Files that nobody but root, or whoever farrier runs as, can have written. */
    TrustedFiles trusted() throws IOException {
        return TrustedFiles.below(root, TrustedFiles.currentUser());
    }

    static ConfigLoader loader(TrustedFiles files) {
        return new ConfigLoader(files, HostName.ofThisNode(), Clock.systemUTC());
    }

    /** One event loop, and few threads beside it: the work is done in the agent's lanes. */
    synchronized Vertx vertx() {
        Vertx known = vertx;
        if (known == null) {
            known = Vertx.vertx(new VertxOptions()
                    .setPreferNativeTransport(true)
                    .setEventLoopPoolSize(1)
                    .setWorkerPoolSize(4)
                    .setInternalBlockingPoolSize(4)
                    .setBlockedThreadCheckInterval(1)
                    .setBlockedThreadCheckIntervalUnit(TimeUnit.HOURS));
            vertx = known;
        }
        return known;
    }

    synchronized Http http() {
        Http known = http;
        if (known == null) {
            known = new Http(vertx());
            http = known;
        }
        return known;
    }

    @Override
    public synchronized void close() {
        if (http != null) {
            http.close();
        }
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
