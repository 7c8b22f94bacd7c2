package io.farrier.node;

import sun.misc.Signal;

/** SIGHUP, as daemons understand it: read the configuration again. Without this the JVM ends by it. */
public final class ReloadSignal {
    private ReloadSignal() {}

    /** @param reload called for each signal, on a thread of the JVM's; must not take long */
    public static void onReload(Runnable reload) {
        Signal.handle(new Signal("HUP"), signal -> reload.run());
    }
}
