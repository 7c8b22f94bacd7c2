package io.farrier.spool;

import io.farrier.feed.Frame.Topic;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Where the unacknowledged events are, and which of them goes first when there are too many. */
final class Backlog {
    record Place(long seq, Topic topic, long position, int bytes) {}

    private final NavigableMap<Long, Place> places = new TreeMap<>();
    private long bytes;

    void add(Place place) {
        Place before = places.put(place.seq(), place);
        bytes += place.bytes() - (before == null ? 0 : before.bytes());
    }

    List<Place> after(long seq, int max) {
        return places.tailMap(seq, false).values().stream().limit(max).toList();
    }

    void remove(Place place) {
        if (places.remove(place.seq()) != null) {
            bytes -= place.bytes();
        }
    }

    void ack(long seq) {
        NavigableMap<Long, Place> acked = places.headMap(seq, true);
        bytes -= acked.values().stream().mapToLong(Place::bytes).sum();
        acked.clear();
    }

    /**
     * Gives up one event, because one of {@code incoming} needs its room.
     *
     * @return true when a later one of the same topic says all that it said
     */
    boolean giveUpOne(Topic incoming) {
        Map<Topic, Long> latest = latestOfEachTopic(incoming);
        Predicate<Place> replaced =
                place -> place.topic().isState() && place.seq() < latest.getOrDefault(place.topic(), 0L);
        if (giveUpOldest(replaced.and(place -> place.topic() != Topic.FINDINGS)) || giveUpOldest(replaced)) {
            return true;
        }
        if (!giveUpOldest(place -> place.topic().isState() && place.topic() != Topic.FINDINGS)
                && !giveUpOldest(place -> !place.topic().isState())) {
            giveUpOldest(place -> true);
        }
        return false;
    }

    private Map<Topic, Long> latestOfEachTopic(Topic incoming) {
        Map<Topic, Long> latest = new EnumMap<>(Topic.class);
        places.values().forEach(place -> latest.put(place.topic(), place.seq()));
        latest.put(incoming, Long.MAX_VALUE);
        return latest;
    }

    long bytes() {
        return bytes;
    }

    long lastSeq() {
        return places.isEmpty() ? 0 : places.lastKey();
    }

    boolean isEmpty() {
        return places.isEmpty();
    }

    private boolean giveUpOldest(Predicate<Place> which) {
        for (Map.Entry<Long, Place> entry : places.entrySet()) {
            if (which.test(entry.getValue())) {
                bytes -= entry.getValue().bytes();
                places.remove(entry.getKey());
                return true;
            }
        }
        return false;
    }
}
