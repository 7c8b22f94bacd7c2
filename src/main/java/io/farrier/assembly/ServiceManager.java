package io.farrier.assembly;

import io.farrier.node.Heartbeat;
import io.farrier.node.NativeCode;
import io.farrier.node.SdNotify;
import java.util.function.Supplier;

/** Whoever started this process and watches it: systemd, or nobody. */
final class ServiceManager {
    private static final System.Logger LOGGER = System.getLogger("io.farrier.service");

    private static final String WITHOUT_IT =
            " Until then systemd may not hear that it is ready, disks show no inodes, and a client's pair is not swapped in"
                    + " one step.";

    private ServiceManager() {}

    /** Says that the service is ready, and then how it is; first what it has to do without. */
    static Heartbeat heartbeat(Supplier<Heartbeat.State> state) {
        NativeCode.refusal().ifPresent(sentence -> LOGGER.log(System.Logger.Level.WARNING, sentence + WITHOUT_IT));
        SdNotify systemd =
                SdNotify.from(System.getenv(), ProcessHandle.current().pid());
        return Heartbeat.start(systemd, state, sentence -> LOGGER.log(System.Logger.Level.WARNING, sentence));
    }
}
