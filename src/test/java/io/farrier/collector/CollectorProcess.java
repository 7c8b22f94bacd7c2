package io.farrier.collector;

import io.vertx.core.Vertx;
import java.nio.file.Path;

/** A collector in a process of its own, to be killed. Prints its port; arguments are its folder and a port. */
final class CollectorProcess {
    private CollectorProcess() {}

    public static void main(String[] arguments) throws Exception {
        RunningPort collector = RunningPort.start(Vertx.vertx(), Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        System.out.println("port " + collector.port());
    }
}
