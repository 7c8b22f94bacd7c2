package io.farrier.agent;

import io.farrier.metric.Stint;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Knocks at the event loop, which owns the connection; whoever blocks it keeps it from answering. */
final class LoopWatch {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Vertx vertx;
    private final Stint stint;

    LoopWatch(Vertx vertx, LongSupplier nanos) {
        this.vertx = vertx;
        this.stint = new Stint("the event loop", PATIENCE, nanos);
    }

    /** Each look is the next knock. */
    Stint stint() {
        if (stint.isResting()) {
            stint.moved();
            vertx.runOnContext(answered -> stint.rests());
        }
        return stint;
    }
}
