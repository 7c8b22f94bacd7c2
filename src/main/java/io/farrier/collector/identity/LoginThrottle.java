package io.farrier.collector.identity;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts wrong viewer credentials per address. After {@link #MAX_FAILURES} in {@link #WINDOW} even the right one is not
 * looked at, so that guessing buys nothing. One thread.
 */
public final class LoginThrottle {
    static final int MAX_FAILURES = 10;
    static final Duration WINDOW = Duration.ofMinutes(1);

    /** Beyond it the oldest address is forgotten: an attacker with more addresses than this has them anyway. */
    static final int MAX_ADDRESSES = 4096;

    private final Map<String, Failures> byAddress = new LinkedHashMap<>();
    private final Clock clock;

    private record Failures(Instant since, int count) {}

    LoginThrottle(Clock clock) {
        this.clock = clock;
    }

    public boolean isBlocked(String address) {
        Failures failures = byAddress.get(address);
        return failures != null && isFresh(failures) && failures.count >= MAX_FAILURES;
    }

    public void failed(String address) {
        Failures before = byAddress.remove(address);
        if (byAddress.size() >= MAX_ADDRESSES) {
            byAddress.remove(byAddress.keySet().iterator().next());
        }
        byAddress.put(
                address,
                before != null && isFresh(before)
                        ? new Failures(before.since, before.count + 1)
                        : new Failures(clock.instant(), 1));
    }

    int size() {
        return byAddress.size();
    }

    private boolean isFresh(Failures failures) {
        return clock.instant().isBefore(failures.since.plus(WINDOW));
    }
}
