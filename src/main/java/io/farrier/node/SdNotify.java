package io.farrier.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Tells systemd how the service is, as sd_notify(3) does: one datagram a message. Without {@code NOTIFY_SOCKET} every
 * message goes nowhere.
 */
public final class SdNotify {
    private static final int MAX_STATUS_CHARS = 500;

    private final Optional<String> socket;
    private final Optional<Duration> watchdog;

    private SdNotify(Optional<String> socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** @param pid of this process: a watchdog that is meant for another one is ignored */
    public static SdNotify from(Map<String, String> environment, long pid) {
        return new SdNotify(
                Optional.ofNullable(environment.get("NOTIFY_SOCKET")).filter(path -> !path.isEmpty()),
                Optional.ofNullable(environment.get("WATCHDOG_USEC"))
                        .filter(micros -> micros.matches("[0-9]{1,18}"))
                        .filter(micros -> environment
                                .getOrDefault("WATCHDOG_PID", Long.toString(pid))
                                .equals(Long.toString(pid)))
                        .map(micros -> Duration.ofNanos(Long.parseLong(micros) * 1000))
                        .filter(interval -> interval.toNanos() > 0));
    }

    /** False where no service manager started this process. */
    public boolean isListening() {
        return socket.isPresent();
    }

    /** How often systemd wants to hear {@link #watchdog()} at least; ping at half of it. */
    public Optional<Duration> watchdogInterval() {
        return watchdog;
    }

    public void ready() throws IOException {
        send("READY=1");
    }

    public void watchdog() throws IOException {
        send("WATCHDOG=1");
    }

    public void stopping() throws IOException {
        send("STOPPING=1");
    }

    /** One line for {@code systemctl status}. */
    public void status(String text) throws IOException {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        send("STATUS=" + line.substring(0, Math.min(line.length(), MAX_STATUS_CHARS)));
    }

    private void send(String message) throws IOException {
        if (socket.isEmpty()) {
            return;
        }
        try {
            LibC.send(message.getBytes(StandardCharsets.UTF_8), socket.get(), true);
        } catch (LinkageError noNativeCodeHere) {
            throw new IOException(
                    "Tried to load what sends to " + socket.get() + " and could not: "
                            + NativeCode.refusal().orElse(String.valueOf(noNativeCodeHere.getMessage())),
                    noNativeCodeHere);
        }
    }
}
