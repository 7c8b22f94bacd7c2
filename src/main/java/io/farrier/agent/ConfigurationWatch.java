package io.farrier.agent;

import io.farrier.check.Catalogue;
import io.farrier.config.FarrierConfig;
import io.farrier.config.Losses;
import io.farrier.config.LostSectionsException;
import io.farrier.reconcile.Order;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The configuration on disk beside the one in force: what is valid comes into force when it is this node's turn; what is
 * not, or has lost a section, takes nothing away. Belongs to one lane, {@link #heldBack} aside.
 */
final class ConfigurationWatch {
    static final String TOPIC = "config";

    private final Configuration configuration;
    private final Supplier<FarrierConfig> inForce;
    private final Listener listener;
    private final Board board;
    private final Clock clock;
    private final Log log;
    private final Rollout rollout;

    /** Of the files: those in force, or refused. */
    private String fingerprint;

    /** Of the files whose configuration is in force. */
    private String inForceFingerprint;

    /** Of the files at the last look. */
    private String lookedAt = "";

    /** Why the configuration on disk is not the one in force; null when it is. */
    private @Nullable IOException rejection;

    private volatile Optional<String> heldBack = Optional.empty();

    /** Who lives by the configuration. */
    interface Listener {
        /** From now on this one counts. */
        void takeEffect(FarrierConfig fresh) throws IOException;

        /** The board has news of the configuration, and what it names may have changed. */
        void noticed();
    }

    /** @param fingerprint of the files, read before those in force were */
    ConfigurationWatch(
            Configuration configuration,
            String fingerprint,
            Supplier<FarrierConfig> inForce,
            Listener listener,
            Board board,
            Clock clock,
            LongSupplier nanos,
            Log log) {
        this.configuration = configuration;
        this.fingerprint = fingerprint;
        this.inForceFingerprint = fingerprint;
        this.inForce = inForce;
        this.listener = listener;
        this.board = board;
        this.clock = clock;
        this.log = log;
        this.rollout = new Rollout(nanos);
    }

    /** What waits for this node's turn, as a sentence. */
    Optional<String> heldBack() {
        return heldBack;
    }

    /** Looks whether the files have changed, and whether it is this node's turn. */
    void look() throws IOException {
        if (isSettled()) {
            lookNow();
        }
        takeOver(rollout.due());
    }

    /** Reads the files, changed or not. */
    void read() throws IOException {
        fingerprint = "";
        lookNow();
    }

    /**
     * Brings what is on disk into force, turn or not.
     *
     * @throws IOException with the whole report when it is not valid
     */
    void require(Order order) throws IOException {
        lookNow();
        if (order.allowsRemoval() && rejection instanceof LostSectionsException) {
            load(configuration.load());
        }
        IOException why = rejection;
        if (why != null) {
            throw why;
        }
        takeOver(rollout.atOnce());
    }

    /** False while the files change from look to look: one that is being written is cut short. */
    private boolean isSettled() throws IOException {
        String now = configuration.fingerprint();
        boolean isAsBefore = now.equals(lookedAt);
        lookedAt = now;
        return isAsBefore;
    }

    private void lookNow() throws IOException {
        String now = configuration.fingerprint();
        if (now.equals(fingerprint)) {
            return;
        }
        fingerprint = now;
        try {
            FarrierConfig fresh = configuration.load();
            List<String> losses = Losses.between(inForce.get(), fresh);
            if (!losses.isEmpty()) {
                throw new LostSectionsException(losses);
            }
            hold(fresh);
        } catch (IOException rejected) {
            reject(rejected);
        }
        listener.noticed();
    }

    private void reject(IOException rejected) {
        rollout.forget();
        heldBack = Optional.empty();
        rejection = rejected;
        board.put(TOPIC, List.of(Catalogue.configRejected(rejected, clock.instant())));
        log.seldom("The configuration has changed and is not valid: "
                + String.valueOf(rejected.getMessage()).replace("\n", "; "));
    }

    /** It is valid: that is told at once. It comes into force when it is this node's turn. */
    private void hold(FarrierConfig fresh) throws IOException {
        if (isInForce()) {
            load(fresh);
            return;
        }
        rejection = null;
        board.put(TOPIC, List.of());
        Duration wait = rollout.hold(fresh, fingerprint);
        if (wait.isZero()) {
            takeOver(rollout.atOnce());
            return;
        }
        String words = "the configuration has changed and comes into force at "
                + clock.instant().plus(wait).truncatedTo(ChronoUnit.SECONDS)
                + " (changes.spread); 'farrier apply' does not wait";
        heldBack = Optional.of(words);
        log.info("Held back: " + words);
    }

    /** Read again without a change, or only with more files to look at since it is known which it names. */
    private boolean isInForce() {
        return fingerprint
                .lines()
                .collect(Collectors.toSet())
                .containsAll(inForceFingerprint.lines().toList());
    }

    private void takeOver(Optional<FarrierConfig> due) throws IOException {
        if (due.isPresent()) {
            load(due.get());
            listener.noticed();
        }
    }

    private void load(FarrierConfig fresh) throws IOException {
        listener.takeEffect(fresh);
        inForceFingerprint = fingerprint;
        rollout.forget();
        heldBack = Optional.empty();
        rejection = null;
        board.put(TOPIC, List.of());
    }
}
