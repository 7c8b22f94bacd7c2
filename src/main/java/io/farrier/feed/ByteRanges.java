package io.farrier.feed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of byte offsets, kept as disjoint ranges that never touch. Cursor, duplicate check and declared loss are all
 * such sets. One writer; not for use by several threads.
 */
public final class ByteRanges {
    private final TreeMap<Long, Long> ends = new TreeMap<>();

    public static ByteRanges of(List<ByteRange> ranges) {
        ByteRanges set = new ByteRanges();
        ranges.forEach(set::add);
        return set;
    }

    public void add(ByteRange range) {
        long from = range.from();
        long to = range.to();
        Map.Entry<Long, Long> before = ends.floorEntry(from);
        if (before != null && before.getValue() >= from) {
            from = before.getKey();
            to = Math.max(to, before.getValue());
        }
        Map.Entry<Long, Long> next = ends.ceilingEntry(from);
        while (next != null && next.getKey() <= to) {
            to = Math.max(to, next.getValue());
            ends.remove(next.getKey());
            next = ends.ceilingEntry(from);
        }
        ends.put(from, to);
    }

    /** The parts of {@code range} that are not in the set, in order. */
    public List<ByteRange> missingFrom(ByteRange range) {
        List<ByteRange> missing = new ArrayList<>();
        long at = range.from();
        Map.Entry<Long, Long> before = ends.floorEntry(at);
        if (before != null) {
            at = Math.max(at, before.getValue());
        }
        for (Map.Entry<Long, Long> next : ends.tailMap(range.from(), false).entrySet()) {
            if (next.getKey() >= range.to()) {
                break;
            }
            if (next.getKey() > at) {
                missing.add(new ByteRange(at, next.getKey()));
            }
            at = Math.max(at, next.getValue());
        }
        if (at < range.to()) {
            missing.add(new ByteRange(at, range.to()));
        }
        return missing;
    }

    public boolean covers(ByteRange range) {
        return missingFrom(range).isEmpty();
    }

    /** The first offset at or after {@code offset} that is not in the set. */
    public long firstMissing(long offset) {
        Map.Entry<Long, Long> at = ends.floorEntry(offset);
        return at == null || at.getValue() <= offset ? offset : at.getValue();
    }

    public List<ByteRange> toList() {
        return ends.entrySet().stream()
                .map(entry -> new ByteRange(entry.getKey(), entry.getValue()))
                .toList();
    }

    public long bytes() {
        return ends.entrySet().stream()
                .mapToLong(entry -> entry.getValue() - entry.getKey())
                .sum();
    }

    public boolean isEmpty() {
        return ends.isEmpty();
    }
}
