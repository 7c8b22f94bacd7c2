package io.farrier.collector.identity;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Browsers that have shown the viewer token: random names in memory, gone after a restart. One thread. */
public final class Sessions {
    /** A working day: whoever looks at a page overnight logs in again. */
    public static final Duration LIFETIME = Duration.ofHours(12);

    /** A few hundred people look at once; beyond that the oldest logs in again. */
    static final int MAX_SESSIONS = 1000;

    private final Map<String, Instant> expiries = new LinkedHashMap<>();
    private final SecureRandom random;
    private final Clock clock;

    Sessions(SecureRandom random, Clock clock) {
        this.random = random;
        this.clock = clock;
    }

    public String open() {
        dropExpired();
        if (expiries.size() >= MAX_SESSIONS) {
            expiries.remove(expiries.keySet().iterator().next());
        }
        String name = RandomToken.make(random);
        expiries.put(name, clock.instant().plus(LIFETIME));
        return name;
    }

    /**
     * Looked up by its hash code: 256 random bits cannot be guessed piece by piece through the time that takes.
     */
    public boolean isOpen(String id) {
        return Optional.ofNullable(expiries.get(id))
                .filter(expiry -> clock.instant().isBefore(expiry))
                .isPresent();
    }

    public void close(String id) {
        expiries.remove(id);
    }

    int size() {
        return expiries.size();
    }

    private void dropExpired() {
        Instant now = clock.instant();
        Iterator<Instant> oldestFirst = expiries.values().iterator();
        while (oldestFirst.hasNext() && !now.isBefore(oldestFirst.next())) {
            oldestFirst.remove();
        }
    }
}
