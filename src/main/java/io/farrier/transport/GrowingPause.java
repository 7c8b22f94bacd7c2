package io.farrier.transport;

import java.time.Duration;

/** Between tries of what fails: each pause is twice the one before it, up to the longest. One thread owns it. */
public final class GrowingPause {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    public GrowingPause(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    public Duration next() {
        Duration now = next;
        Duration doubled = now.multipliedBy(2);
        next = doubled.compareTo(longest) < 0 ? doubled : longest;
        return now;
    }

    /** After a try that worked. */
    public void reset() {
        next = first;
    }
}
