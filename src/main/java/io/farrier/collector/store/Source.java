package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.SourceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One source and what of it was stored: its lines that are there, and those that retention dropped. What a group of
 * writes adds is staged until the group is on disk. Any thread.
 */
final class Source {
    /** Gaps a source may have; two are normal. More is a sender that cannot count, and would cost memory. */
    static final int MAX_RANGES = 1_000;

    private final int number;
    private final NodeName node;
    private final SourceId id;
    private final ByteRanges stored = new ByteRanges();
    private Form form;
    private String container;
    private String labels;
    private @Nullable ByteRanges staged;
    private long lines;
    private long bytes;
    private long linesPresent;
    private long last;

    /** @param number given in the order of first sight; it means something in this process only */
    Source(int number, NodeName node, SourceId id, Form form, String container, String labels) {
        this.number = number;
        this.node = node;
        this.id = id;
        this.form = form;
        this.container = container;
        this.labels = labels;
    }

    int number() {
        return number;
    }

    NodeName node() {
        return node;
    }

    SourceId id() {
        return id;
    }

    synchronized Form form() {
        return form;
    }

    synchronized String container() {
        return container;
    }

    /** Whether that changes what is known. */
    synchronized boolean describe(Form newForm, String newContainer, String newLabels) {
        boolean same = form == newForm && container.equals(newContainer) && labels.equals(newLabels);
        form = newForm;
        container = newContainer;
        labels = newLabels;
        return !same;
    }

    synchronized ByteRanges stored() {
        return ByteRanges.of(stored.toList());
    }

    /** The parts of {@code range} that are neither stored nor staged. */
    synchronized List<ByteRange> missing(ByteRange range) {
        List<ByteRange> notStored = stored.missingFrom(range);
        ByteRanges waiting = staged;
        if (waiting == null) {
            return notStored;
        }
        List<ByteRange> missing = new ArrayList<>();
        notStored.forEach(part -> missing.addAll(waiting.missingFrom(part)));
        return missing;
    }

    synchronized void stage(ByteRange range) {
        ByteRanges waiting = staged == null ? new ByteRanges() : staged;
        waiting.add(range);
        staged = waiting;
        if (stored.toList().size() + waiting.toList().size() > MAX_RANGES && union(waiting) > MAX_RANGES) {
            throw new IllegalStateException("the source has more than " + MAX_RANGES + " gaps");
        }
    }

    private int union(ByteRanges waiting) {
        ByteRanges both = ByteRanges.of(stored.toList());
        waiting.toList().forEach(both::add);
        return both.toList().size();
    }

    synchronized void unstage() {
        staged = null;
    }

    /** What was staged, or found at start, is on disk. */
    synchronized void store(ByteRange range, long lineCount, long received) {
        staged = null;
        stored.add(range);
        lines += lineCount;
        linesPresent += lineCount;
        bytes += range.length();
        last = Math.max(last, received);
    }

    /** Retention dropped lines, before this process began. */
    synchronized void dropped(List<ByteRange> ranges, long lineCount, long byteCount, long lastReceived) {
        ranges.forEach(stored::add);
        lines += lineCount;
        bytes += byteCount;
        last = Math.max(last, lastReceived);
    }

    /** Retention drops lines now; their range stays, so that they are not taken again. */
    synchronized void drop(long lineCount) {
        linesPresent -= lineCount;
    }

    /** Whether a file has nothing here any more and was silent for so long that it is not sent again. */
    synchronized boolean isForgettable(long oldest) {
        return linesPresent <= 0 && staged == null && last < oldest;
    }

    synchronized void seen(long received) {
        last = Math.max(last, received);
    }

    synchronized long last() {
        return last;
    }

    synchronized SourceFacts facts() {
        return new SourceFacts(id, form, container, labels, lines, bytes, Instant.ofEpochMilli(last));
    }
}
