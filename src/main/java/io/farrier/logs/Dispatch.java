package io.farrier.logs;

import io.farrier.feed.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Sends what the sources have, while there is credit; without credit or connection they wait. */
final class Dispatch {
    /** 2 MiB of slabs: half of what a collector lets be under way. */
    private static final int QUANTUM_BATCHES = 8;

    /** Half of that. */
    private static final int WORTH_AN_ACK_BYTES = QUANTUM_BATCHES * Source.SLAB_BYTES / 2;

    /** Less than this is worth a wait while much is going on. */
    private static final int SMALL_BYTES = Source.SLAB_BYTES / 4;

    private final LogSink sink;
    private final Redactions redactions;
    private final Cursors cursors;
    private final Problems problems;
    private final LongSupplier nanos;
    private final Clock clock;
    private final Pace pace;
    private final Rates rates;
    private final Rhythm rhythm;
    private final ByteBuffer slab = ByteBuffer.allocateDirect(Source.SLAB_BYTES);

    private long connection = LogSink.NONE;
    private boolean isPaced;
    private long firstTurn;

    Dispatch(
            LogSink sink,
            Redactions redactions,
            Rates rates,
            Rhythm rhythm,
            Cursors cursors,
            Problems problems,
            LongSupplier nanos,
            Clock clock) {
        this.sink = sink;
        this.redactions = redactions;
        this.rates = rates;
        this.rhythm = rhythm;
        this.cursors = cursors;
        this.problems = problems;
        this.nanos = nanos;
        this.clock = clock;
        this.pace = new Pace(nanos.getAsLong());
    }

    /** On a new connection everything that is not acknowledged is to be sent again. */
    void followConnection() {
        long now = sink.connection();
        if (now != connection) {
            connection = now;
            cursors.rewind();
        }
    }

    /** @return true when there is more that can go at once */
    boolean ship(List<Source> sources) {
        if (connection == LogSink.NONE) {
            return false;
        }
        isPaced = false;
        rates.retain(sources);
        boolean more = false;
        // Each turn begins with another source, so that a small credit is not always spent on the same one.
        for (int i = 0; i < sources.size(); i++) {
            Source source = sources.get((int) ((i + firstTurn) % sources.size()));
            try {
                more |= shipQuantum(source);
            } catch (IOException problem) {
                problems.note(problem);
            }
        }
        firstTurn++;
        sink.flush();
        return more;
    }

    /** True when something small waits for its turn. */
    boolean isPaced() {
        return isPaced;
    }

    /** Nothing will be sent of this source any more. */
    void forget(Source source) {
        cursors.forget(source).ifPresent(sink::forget);
    }

    List<String> redactionsOff() {
        return redactions.switchedOff();
    }

    /** Several batches of a file together: a collector acknowledges by files, and not very often. */
    private boolean shipQuantum(Source source) throws IOException {
        tellLosses(source);
        boolean more = isWorthAnAck(source);
        for (int i = 0; more && i < QUANTUM_BATCHES; i++) {
            more = ship(source);
        }
        return more;
    }

    /**
     * All of what waits, or a good part of the credit. A small rest of the credit is left alone until it has grown: the ack
     * of a piece gives back no more than the piece, so that the pieces of many files would get smaller and smaller.
     */
    private boolean isWorthAnAck(Source source) {
        long credit = sink.room();
        return credit >= WORTH_AN_ACK_BYTES || credit >= source.unsentBytes() || sink.isDrained();
    }

    private void tellLosses(Source source) {
        if (source.hasLossesToTell()) {
            announce(source);
            source.tellLosses(clock.instant()).forEach(frame -> sink.send(connection, frame));
        }
    }

    private boolean ship(Source source) throws IOException {
        if (!source.hasMore()) {
            return false;
        }
        long now = nanos.getAsLong();
        long allowed = rates.room(source, now);
        long room = Math.min(sink.room(), allowed);
        boolean drained = sink.isDrained();
        if (room <= 0) {
            isPaced |= allowed <= 0;
            return false;
        }
        if (source.unsentBytes() < SMALL_BYTES && !pace.take(now)) {
            isPaced = true;
            return false;
        }
        Optional<Frame.LogBatch> batch = source.read(slab, room, drained, redactions, now);
        if (batch.isEmpty()) {
            return false;
        }
        announce(source);
        sink.send(connection, batch.get());
        rates.spend(source, batch.get().to() - batch.get().from());
        rhythm.breathe();
        return source.hasMore();
    }

    private void announce(Source source) {
        source.announcement(connection).ifPresent(frame -> sink.send(connection, frame));
    }
}
