package io.farrier.reconcile;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a node that serves a control plane may restart its runtime (SAFETY 4). Time is cut into slots of ten minutes since
 * 1970, and every n-th is this node's: all servers agree on them without speaking to each other. A restart begins in the
 * first half only, so that it is over, and a clock may be some minutes wrong, before the next one's turn.
 */
public final class RestartTurn {
    static final Duration SLOT = Duration.ofMinutes(10);
    static final Duration OPEN = Duration.ofMinutes(5);

    private final int number;
    private final int of;
    private final Members members;
    private final Clock clock;

    /** The other servers. */
    @FunctionalInterface
    public interface Members {
        /** Asks each now: the first that is not healthy, as a clause that names it; empty when all are. */
        Optional<String> ailing();
    }

    /** @param number from 1 to {@code of} */
    public RestartTurn(int number, int of, Members members, Clock clock) {
        this.number = number;
        this.of = of;
        this.members = members;
        this.clock = clock;
    }

    /** When it begins; empty while it is on. */
    Optional<Instant> next() {
        Instant now = clock.instant();
        long slot = Math.floorDiv(now.getEpochSecond(), SLOT.toSeconds());
        long mine = slot + Math.floorMod(number - 1 - slot, (long) of);
        boolean isOn = mine == slot && now.isBefore(start(slot).plus(OPEN));
        if (isOn) {
            return Optional.empty();
        }
        return Optional.of(start(mine == slot ? slot + of : mine));
    }

    private static Instant start(long slot) {
        return Instant.ofEpochSecond(slot * SLOT.toSeconds());
    }

    /** Who must be mended before anything is restarted. */
    Optional<String> ailing() {
        return members.ailing();
    }

    @Override
    public String toString() {
        return number + "/" + of;
    }
}
