package io.farrier.node;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tells systemd how a service is, from its start to its end. The watchdog hears of it only while the work itself gets on:
 * a process whose lanes hang is as dead as one that is gone, and is started anew.
 */
public final class Heartbeat implements AutoCloseable {
    /** Somebody reads {@code systemctl status} now and then; an event is in the journal at once. */
    private static final Duration STATUS_EVERY = Duration.ofSeconds(10);

    /** sd_watchdog_enabled(3) wants half of the interval; a busy machine may be late once. */
    private static final int BEATS_PER_INTERVAL = 3;

    /**
     * @param status one line for {@code systemctl status}
     * @param stuck who does not get on; empty while everybody does
     */
    public record State(String status, Optional<String> stuck) {
        String line() {
            return stuck.map(who -> "Hangs: " + who + ". " + status).orElse(status);
        }
    }

    private final SdNotify systemd;
    private final Supplier<State> state;
    private final Consumer<String> complain;
    private final CountDownLatch end = new CountDownLatch(1);
    private String said = "";

    private Heartbeat(SdNotify systemd, Supplier<State> state, Consumer<String> complain) {
        this.systemd = systemd;
        this.state = state;
        this.complain = complain;
    }

    /**
     * Says that the service is ready, and then how it is.
     *
     * @param complain hears a sentence when the work begins to hang, and when systemd cannot be told
     */
    public static Heartbeat start(SdNotify systemd, Supplier<State> state, Consumer<String> complain) {
        Heartbeat heart = new Heartbeat(systemd, state, complain);
        if (!systemd.isListening()) {
            return heart;
        }
        heart.tell(systemd::ready);
        Thread thread = new Thread(heart::beat, "farrier-heart");
        thread.setDaemon(true);
        thread.start();
        return heart;
    }

    @Override
    public void close() {
        end.countDown();
        tell(systemd::stopping);
    }

    private void beat() {
        Duration pause = systemd.watchdogInterval()
                .map(interval -> interval.dividedBy(BEATS_PER_INTERVAL))
                .filter(third -> third.compareTo(STATUS_EVERY) < 0)
                .orElse(STATUS_EVERY);
        try {
            do {
                beatOnce();
            } while (!end.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever goes wrong in here, the watchdog is not told that all is well. */
    private void beatOnce() {
        try {
            State now = state.get();
            say(now);
            if (now.stuck().isEmpty()) {
                tell(systemd::watchdog);
            }
        } catch (RuntimeException unforeseen) {
            complain.accept("Tried to tell systemd how the service is and could not: " + unforeseen);
        }
    }

    private void say(State now) {
        String line = now.line();
        if (line.equals(said)) {
            return;
        }
        said = line;
        tell(() -> systemd.status(line));
        now.stuck().ifPresent(who -> complain.accept("Hangs, and lets the watchdog know: " + who));
    }

    private void tell(Message message) {
        try {
            message.send();
        } catch (IOException deaf) {
            complain.accept("Tried to tell systemd how the service is and could not: " + deaf.getMessage());
        }
    }

    private interface Message {
        void send() throws IOException;
    }
}
