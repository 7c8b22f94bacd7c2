package io.farrier.spool;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Topic;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Events that nobody else keeps, in order, until they are acknowledged. Bounded in bytes: past the bound, first the
 * older ones of each state topic go (the latest holds all there is), findings last of those, then the oldest outcomes.
 * One owner; not for use by several threads.
 */
public interface Spool extends Closeable {
    /** Names the sequence the numbers belong to. It changes only when the old sequence is lost. */
    String id();

    /** Keeps an event, over the end of this process. Outcomes and findings are kept over the end of the machine's power too. */
    Event append(Topic topic, Instant at, JsonNode data) throws IOException;

    /** The first {@code max} events behind {@code seq}, in order. */
    List<Event> after(long seq, int max) throws IOException;

    /** Forgets all events up to and including {@code seq}; a number that was never given is the caller's mistake. */
    void ack(long seq) throws IOException;

    /** The number of the latest event; 0 before the first. */
    long lastSeq();

    /** How many events were given up for want of room or to damage, without one of the same state topic behind them. */
    long lost();

    /** What of it was damaged when it was opened, as a clause that names the file. */
    default Optional<String> damage() {
        return Optional.empty();
    }
}
