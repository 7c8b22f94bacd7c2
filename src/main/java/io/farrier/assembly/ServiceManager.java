package io.farrier.assembly;

import io.farrier.node.Heartbeat;
import io.farrier.node.SdNotify;
import java.util.function.Supplier;

/** Whoever started this process and watches it: systemd, or nobody. */
final class ServiceManager {
    private static final System.Logger LOGGER = System.getLogger("io.farrier.service");

    private ServiceManager() {}

    /** Says that the service is ready, and then how it is. */
    static Heartbeat heartbeat(Supplier<Heartbeat.State> state) {
        SdNotify systemd =
                SdNotify.from(System.getenv(), ProcessHandle.current().pid());
        return Heartbeat.start(systemd, state, sentence -> LOGGER.log(System.Logger.Level.WARNING, sentence));
    }
}
