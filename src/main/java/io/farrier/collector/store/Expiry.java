package io.farrier.collector.store;

import io.farrier.collector.store.SourceTable.Dropped;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.feed.ByteRange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Retention by whole files. Too old is what was received too long ago by the collector's clock. When there is too much,
 * the node that has most gives its oldest file: a node that floods evicts its own lines, and no other's. Only the lines
 * thread.
 */
final class Expiry {
    /** No file had to go. */
    static final long NOTHING = -1;

    /** Of the allowed size, what the journal may be before it is made blocks of for room. */
    private static final long JOURNAL_SHARE = 4;

    private static final long TABLE_SECONDS = 60;

    private final DiskLines lines;
    private final Sources sources;
    private final SourceTable table;

    Expiry(DiskLines lines, Sources sources, SourceTable table) {
        this.lines = lines;
        this.sources = sources;
        this.table = table;
    }

    /** Drops at most one file: appends go on between two steps. Returns its lines, or {@link #NOTHING}. */
    long step(Retention retention, Instant now) throws IOException {
        long oldest = now.minus(Duration.ofDays(retention.days())).toEpochMilli();
        Optional<Shelf> old = withLinesBefore(oldest);
        if (old.isPresent()) {
            return drop(old.get());
        }
        if (lines.usedBytes() > retention.maxBytes()) {
            return makeRoom(retention.maxBytes());
        }
        forgetSources(oldest);
        return NOTHING;
    }

    private Optional<Shelf> withLinesBefore(long oldest) throws IOException {
        for (Shelf shelf : lines.shelves()) {
            if (shelf.holdsOlderThan(oldest)) {
                lines.fold(shelf, true);
            }
            if (shelf.segments().lastReceivedOfOldest().orElse(Long.MAX_VALUE) < oldest) {
                return Optional.of(shelf);
            }
        }
        return Optional.empty();
    }

    private long makeRoom(long maxBytes) throws IOException {
        if (lines.journalBytes() > maxBytes / JOURNAL_SHARE) {
            lines.foldAll();
            return 0;
        }
        Optional<Shelf> largest = lines.shelves().stream()
                .filter(shelf -> shelf.segmentBytes() > 0)
                .max(Comparator.comparingLong(Shelf::segmentBytes));
        return largest.isPresent() ? drop(largest.get()) : NOTHING;
    }

    /** What is dropped is remembered first: a kill in between must not make it welcome again. */
    private long drop(Shelf shelf) throws IOException {
        List<Dropped> dropped = droppedOf(shelf);
        await(dropped);
        shelf.segments().dropOldest();
        shelf.dropped();
        dropped.forEach(one -> one.source().drop(one.lines()));
        return dropped.stream().mapToLong(Dropped::lines).sum();
    }

    private List<Dropped> droppedOf(Shelf shelf) throws IOException {
        Map<Source, List<ByteRange>> ranges = new HashMap<>();
        Map<Source, Long> counts = new HashMap<>();
        for (BlockHead head : shelf.segments().headsOfOldest(lines.codecs())) {
            for (BlockHead.Part part : head.parts()) {
                Source source = part.source(shelf.node(), sources);
                ranges.computeIfAbsent(source, first -> new ArrayList<>()).add(part.range());
                counts.merge(source, (long) part.lines(), Long::sum);
            }
        }
        return ranges.entrySet().stream()
                .map(one -> new Dropped(one.getKey(), one.getValue(), counts.getOrDefault(one.getKey(), 0L)))
                .toList();
    }

    private void await(List<Dropped> dropped) throws IOException {
        try {
            table.dropped(dropped).get(TABLE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Tried to remember what retention drops but: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while dropping old lines", e);
        }
    }

    /** A file that was silent for as long as lines are kept is not sent again. */
    private void forgetSources(long oldest) {
        sources.all().filter(source -> source.isForgettable(oldest)).toList().forEach(source -> {
            sources.forget(source);
            table.forget(source);
        });
    }
}
