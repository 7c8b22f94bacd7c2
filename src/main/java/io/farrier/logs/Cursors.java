package io.farrier.logs;

import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How far the collector has each source, as acks tell and checkpoints remember: what an earlier run wrote down waits here
 * until its source is found again.
 */
final class Cursors {
    private final Rhythm rhythm;
    private final Map<SourceId, Source> byId = new HashMap<>();
    private final Map<String, Checkpoint.Entry> resume = new LinkedHashMap<>();

    /** The checkpoint that first called a source done, 0 while none did. */
    private final Map<Source, Long> doneIn = new HashMap<>();

    private long version;
    private boolean isDirty;
    private boolean isUrgent;
    private boolean hasNewNames;
    private boolean isResumed;

    Cursors(List<Checkpoint.Entry> remembered, Rhythm rhythm) {
        this.rhythm = rhythm;
        remembered.forEach(entry -> resume.put(entry.id(), entry));
    }

    /** Something is to be written down. */
    void changed() {
        isDirty = true;
    }

    /**
     * The same, and it cannot wait as acks can.
     *
     * @return the checkpoint that will say it
     */
    long changedUrgently() {
        isDirty = true;
        isUrgent = true;
        return version + 1;
    }

    /** What was remembered and not found yet. */
    List<Checkpoint.Entry> remembered() {
        return List.copyOf(resume.values());
    }

    /** Gives out what was remembered and is for {@code which}; it is not remembered any more. */
    List<Checkpoint.Entry> take(Predicate<Checkpoint.Entry> which) {
        List<Checkpoint.Entry> taken = resume.values().stream().filter(which).toList();
        taken.forEach(entry -> resume.remove(entry.id()));
        return taken;
    }

    boolean isResumed() {
        return isResumed;
    }

    /** All that was remembered has been found or declared lost; only now may a checkpoint replace the last one. */
    void resumed() {
        isResumed = true;
        isDirty = true;
    }

    /** The source has a name now, and perhaps a past. */
    void named(Source source) {
        SourceId id = source.id();
        if (id == null) {
            return;
        }
        byId.put(id, source);
        Checkpoint.Entry past = resume.remove(id.value());
        if (past != null) {
            source.restore(past);
        }
        hasNewNames |= past == null;
        isDirty = true;
    }

    /** A source that is only here to say what was lost of it. */
    void vanished(Source source) {
        SourceId id = source.id();
        if (id != null) {
            byId.put(id, source);
        }
    }

    void rewind() {
        byId.values().forEach(Source::rewind);
    }

    void ack(Frame.Ack ack) {
        ack.source().map(byId::get).ifPresent(source -> {
            ack.ranges().forEach(source::ack);
            ack.lost().forEach(source::ackLoss);
            isDirty = true;
        });
    }

    /** Nothing more will be heard of it. Its id, if others know it by that. */
    Optional<SourceId> forget(Source source) {
        doneIn.remove(source);
        SourceId id = source.id();
        return id != null && byId.remove(id, source) ? Optional.of(id) : Optional.empty();
    }

    /** It is released when a checkpoint that calls it done is on disk. */
    void done(Source source) {
        if (doneIn.putIfAbsent(source, 0L) == null) {
            isDirty = true;
        }
    }

    boolean isDone(Source source) {
        return doneIn.containsKey(source);
    }

    Optional<Checkpoint> checkpoint(List<? extends SourceKind> kinds) {
        if (!isDirty || !isResumed) {
            return Optional.empty();
        }
        // Without hurry a name may be lost by a power cut that comes soon.
        boolean mustLast = isUrgent || hasNewNames && !rhythm.isUnhurried() || !doneIn.isEmpty();
        isDirty = false;
        isUrgent = false;
        hasNewNames = false;
        version++;
        List<Checkpoint.Entry> entries = new ArrayList<>();
        for (SourceKind kind : kinds) {
            entries.addAll(kind.finished());
            for (Source source : kind.sources()) {
                boolean done = doneIn.containsKey(source);
                if (done) {
                    doneIn.merge(source, version, (before, at) -> before == 0 ? at : before);
                }
                source.entry(done).ifPresent(entries::add);
            }
        }
        return Optional.of(new Checkpoint(version, entries, mustLast));
    }

    boolean hasChanged() {
        return isDirty;
    }

    boolean isUrgent() {
        return isUrgent && isResumed;
    }

    boolean hasNewNames() {
        return hasNewNames && isResumed;
    }

    /** The sources that a checkpoint on disk calls done. */
    List<Source> doneBy(long written) {
        List<Source> done = doneIn.entrySet().stream()
                .filter(entry -> entry.getValue() > 0 && entry.getValue() <= written)
                .map(Map.Entry::getKey)
                .toList();
        done.forEach(doneIn::remove);
        return done;
    }
}
