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

/** A collector in a process of its own, to be killed. Prints its port; arguments are its folder and a port. */
final class CollectorProcess {
    private static final int START_SECONDS = 60;

    private CollectorProcess() {}

    public static void main(String[] arguments) throws Exception {
        CollectorConfig config = new CollectorConfig(
                new Listen("127.0.0.1", Integer.parseInt(arguments[1])),
                List.of(),
                Path.of(arguments[0]),
                Path.of(arguments[0], "packages"),
                new Retention(7, 1L << 30),
                Optional.empty());
        Collector collector = Collector.start(Vertx.vertx(), config, Clock.systemUTC())
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_SECONDS, TimeUnit.SECONDS);
        System.out.println("port " + collector.port());
    }
}
