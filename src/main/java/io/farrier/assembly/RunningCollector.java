package io.farrier.assembly;

import io.farrier.collector.Collector;
import io.farrier.config.CollectorConfig;
import io.farrier.node.Heartbeat;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The collector's graph; it ends when this is closed. */
public final class RunningCollector implements AutoCloseable {
    /** The stores are opened and torn tails cut before it listens. */
    private static final long START_SECONDS = 120;

    private static final long STOP_SECONDS = 15;

    private final Vertx vertx;
    private final Collector collector;
    private final CollectorConfig config;
    private final Heartbeat heart;

    private RunningCollector(Vertx vertx, Collector collector, CollectorConfig config) {
        this.vertx = vertx;
        this.collector = collector;
        this.config = config;
        this.heart = ServiceManager.heartbeat(collector::pulse);
    }

    /**
     * @param names further names for the certificate
     * @throws IOException with a sentence for the operator
     */
    public static RunningCollector start(Path configFile, List<String> names) throws IOException, InterruptedException {
        CollectorConfig config = new Machine(Path.of("/"))
                .loader()
                .loadCollector(configFile.toAbsolutePath())
                .config()
                .withNames(names);
        Vertx vertx = Vertx.vertx();
        try {
            Collector collector = Collector.start(vertx, config, Clock.systemUTC())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS, TimeUnit.SECONDS);
            return new RunningCollector(vertx, collector, config);
        } catch (ExecutionException failed) {
            vertx.close();
            throw failed.getCause() instanceof IOException known ? known : new IOException(failed.getCause());
        } catch (TimeoutException late) {
            vertx.close();
            throw new IOException("The collector did not start within " + START_SECONDS + " s.", late);
        }
    }

    public String address() {
        return collector.address();
    }

    public String pin() {
        return collector.pin();
    }

    public Path agentToken() {
        return config.stateDir().resolve("agent.token");
    }

    public Path viewerToken() {
        return config.stateDir().resolve("viewer.token");
    }

    @Override
    public void close() {
        heart.close();
        try {
            collector
                    .close()
                    .eventually(vertx::close)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException unclean) {
            // The stores are safe against kill -9; a late goodbye costs nothing.
        }
    }
}
