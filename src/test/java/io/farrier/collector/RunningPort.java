package io.farrier.collector;

import io.farrier.config.CollectorConfig;
import io.farrier.config.CollectorConfig.Listen;
import io.farrier.config.CollectorConfig.Retention;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The real collector in this process, on a folder and a port that outlive it. */
public final class RunningPort implements AutoCloseable {
    private static final int START_SECONDS = 60;

    private final Collector collector;

    private RunningPort(Collector collector) {
        this.collector = collector;
    }

    /** @param port 0 for any */
    public static RunningPort start(Vertx vertx, Path folder, int port) throws Exception {
        CollectorConfig config = new CollectorConfig(
                new Listen("127.0.0.1", port),
                List.of(),
                folder,
                folder.resolve("packages"),
                new Retention(7, 1L << 30),
                CollectorConfig.Lines.DEFAULT,
                Optional.empty());
        return new RunningPort(Collector.start(vertx, config, Clock.systemUTC())
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_SECONDS, TimeUnit.SECONDS));
    }

    public int port() {
        return collector.port();
    }

    @Override
    public void close() throws Exception {
        collector.close().toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    }
}
