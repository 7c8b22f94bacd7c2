package io.farrier.agent;

import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What was sent on one connection, and what of it was acknowledged. Owned by the connection's event loop. */
final class InFlight {
    /** An honest collector acknowledges batches; a set of more pieces than this is built to eat memory. */
    private static final int MAX_PIECES = 1024;

    private record Sent(ByteRanges sent, ByteRanges acked, Set<Long> lost) {}

    private final Map<SourceId, Sent> sources = new HashMap<>();
    private long lastEvent;

    void sent(SourceId source, ByteRange range) {
        of(source).sent().add(range);
    }

    /** A declared loss is acknowledged like a batch, but takes no room of the credit and gives none back. */
    void sent(Frame.Lost lost) {
        Sent known = of(lost.source());
        if (lost.to() == Frame.Lost.UNKNOWN) {
            known.lost().add(lost.from());
        } else {
            ByteRange range = new ByteRange(lost.from(), lost.to());
            known.sent().add(range);
            known.acked().add(range);
        }
    }

    void sentEvent(long seq) {
        lastEvent = seq;
    }

    /** @return how many bytes this acknowledges for the first time */
    long ack(SourceId source, Frame.Ack ack) throws HostileCollectorException {
        Sent known = sources.get(source);
        long released = 0;
        for (ByteRange range : ack.ranges()) {
            if (known == null || !known.sent().covers(range)) {
                throw new HostileCollectorException("it acknowledged bytes that were not sent");
            }
            released += known.acked().missingFrom(range).stream()
                    .mapToLong(ByteRange::length)
                    .sum();
            known.acked().add(range);
        }
        if (!ack.lost().isEmpty() && (known == null || !known.lost().containsAll(ack.lost()))) {
            throw new HostileCollectorException("it acknowledged a loss that was not declared");
        }
        if (known != null && known.acked().toList().size() > MAX_PIECES) {
            throw new HostileCollectorException("it acknowledged more than " + MAX_PIECES + " pieces of one source");
        }
        return released;
    }

    void ackEvents(long seq) throws HostileCollectorException {
        if (seq > lastEvent) {
            throw new HostileCollectorException(
                    "it acknowledged event " + seq + ", but " + lastEvent + " was the last");
        }
    }

    void forget(SourceId source) {
        sources.remove(source);
    }

    int size() {
        return sources.size();
    }

    private Sent of(SourceId source) {
        return sources.computeIfAbsent(source, id -> new Sent(new ByteRanges(), new ByteRanges(), new HashSet<>()));
    }
}
