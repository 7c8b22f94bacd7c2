package io.farrier.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Topic;
import io.farrier.spool.Spool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A spool in memory, written the slow and plain way. */
public final class MemorySpool implements Spool {
    private final int maxEvents;
    private final List<Event> events = new ArrayList<>();
    private long lastSeq;
    private long acked;
    private long lost;

    public MemorySpool(int maxEvents) {
        this.maxEvents = maxEvents;
    }

    @Override
    public synchronized String id() {
        return "memory";
    }

    @Override
    public synchronized Event append(Topic topic, Instant at, JsonNode data) {
        Event event = new Event(id(), ++lastSeq, topic, at, data);
        events.add(event);
        if (events.size() > maxEvents) {
            giveUpOne();
        }
        return event;
    }

    private void giveUpOne() {
        Predicate<Event> findings = event -> event.topic() == Topic.FINDINGS;
        Predicate<Event> state = event -> event.topic().isState();
        Predicate<Event> replaced = state.and(event ->
                events.stream().anyMatch(other -> other.topic() == event.topic() && other.seq() > event.seq()));
        if (remove(replaced.and(findings.negate())) || remove(replaced)) {
            return;
        }
        lost++;
        if (!remove(state.and(findings.negate())) && !remove(state.negate())) {
            remove(findings);
        }
    }

    private boolean remove(Predicate<Event> which) {
        return events.stream().filter(which).findFirst().map(events::remove).orElse(false);
    }

    @Override
    public synchronized List<Event> after(long seq, int max) {
        return events.stream().filter(event -> event.seq() > seq).limit(max).toList();
    }

    @Override
    public synchronized void ack(long seq) {
        if (seq > lastSeq) {
            throw new IllegalArgumentException("event " + seq + " was never spooled; the latest is " + lastSeq);
        }
        acked = Math.max(acked, seq);
        events.removeIf(event -> event.seq() <= acked);
    }

    @Override
    public synchronized long lastSeq() {
        return lastSeq;
    }

    @Override
    public synchronized long lost() {
        return lost;
    }

    @Override
    public void close() {}
}
