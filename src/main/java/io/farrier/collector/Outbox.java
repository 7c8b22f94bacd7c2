package io.farrier.collector;

import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.Frame.Ack;
import io.farrier.feed.Frame.Credit;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.SourceId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What one agent is to be told. Acks of a source melt into one until it is their turn, because an agent closes a
 * connection that sends it more than 100 frames a second (SAFETY 31). One event loop.
 */
final class Outbox {
    /** Half of what an agent bears, so that a second that begins with a burst stays below it too. */
    static final int FRAMES_PER_SECOND = 50;

    static final int BURST = 30;

    private static final long NANOS_PER_FRAME = 1_000_000_000L / FRAMES_PER_SECOND;

    private final Consumer<Frame> wire;
    private final Map<SourceId, ByteRanges> ranges = new LinkedHashMap<>();
    private final Map<SourceId, SortedSet<Long>> losses = new LinkedHashMap<>();
    private final Map<String, Long> events = new LinkedHashMap<>();
    private OptionalLong credit = OptionalLong.empty();
    private long paidUntil;

    /** @param now {@link System#nanoTime()} */
    Outbox(Consumer<Frame> wire, long now) {
        this.wire = wire;
        this.paidUntil = now - BURST * NANOS_PER_FRAME;
    }

    void ack(SourceId source, ByteRange range) {
        ranges.computeIfAbsent(source, fresh -> new ByteRanges()).add(range);
    }

    /** @param from where a loss of unknown size begins */
    void ackLoss(SourceId source, long from) {
        losses.computeIfAbsent(source, fresh -> new TreeSet<>()).add(from);
    }

    void ack(String spool, long seq) {
        events.merge(spool, seq, Math::max);
    }

    void credit(long bytes) {
        credit = OptionalLong.of(bytes);
    }

    /**
     * Sends what may be sent now: events before losses, and those before lines.
     *
     * @return nanoseconds after which to flush again, empty when all is said
     */
    Optional<Long> flush(long now) {
        paidUntil = Math.max(paidUntil, now - BURST * NANOS_PER_FRAME);
        while (paidUntil < now) {
            Optional<Frame> next = next();
            if (next.isEmpty()) {
                return Optional.empty();
            }
            wire.accept(next.get());
            paidUntil += NANOS_PER_FRAME;
        }
        return isEmpty() ? Optional.empty() : Optional.of(paidUntil - now + 1);
    }

    private boolean isEmpty() {
        return credit.isEmpty() && events.isEmpty() && losses.isEmpty() && ranges.isEmpty();
    }

    private Optional<Frame> next() {
        if (credit.isPresent()) {
            Frame frame = new Credit(credit.getAsLong());
            credit = OptionalLong.empty();
            return Optional.of(frame);
        }
        Iterator<Map.Entry<String, Long>> spools = events.entrySet().iterator();
        if (spools.hasNext()) {
            Map.Entry<String, Long> spool = spools.next();
            spools.remove();
            return Optional.of(Ack.of(spool.getKey(), spool.getValue()));
        }
        Iterator<Map.Entry<SourceId, SortedSet<Long>>> losers =
                losses.entrySet().iterator();
        if (losers.hasNext()) {
            Map.Entry<SourceId, SortedSet<Long>> source = losers.next();
            losers.remove();
            return Optional.of(ackLosses(source.getKey(), List.copyOf(source.getValue())));
        }
        Iterator<Map.Entry<SourceId, ByteRanges>> sources = ranges.entrySet().iterator();
        if (sources.hasNext()) {
            Map.Entry<SourceId, ByteRanges> source = sources.next();
            sources.remove();
            return Optional.of(ack(source.getKey(), source.getValue().toList()));
        }
        return Optional.empty();
    }

    /** As many ranges as one ack may hold; the rest waits for its next turn. */
    private Frame ack(SourceId source, List<ByteRange> all) {
        int now = Math.min(all.size(), FrameCodec.MAX_ACK_RANGES);
        if (now < all.size()) {
            ranges.put(source, ByteRanges.of(all.subList(now, all.size())));
        }
        return Ack.of(source, all.subList(0, now));
    }

    private Frame ackLosses(SourceId source, List<Long> all) {
        int now = Math.min(all.size(), FrameCodec.MAX_ACK_RANGES);
        if (now < all.size()) {
            losses.put(source, new TreeSet<>(all.subList(now, all.size())));
        }
        return Ack.ofLosses(source, all.subList(0, now));
    }
}
