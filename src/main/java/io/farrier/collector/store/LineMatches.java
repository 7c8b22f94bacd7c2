package io.farrier.collector.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The newest lines so far that fit a query, and how chunks are searched for more. */
final class LineMatches {
    /** What an answer may hold in memory; lines are shown cut, but read whole. Of longer ones a page holds fewer. */
    private static final long MAX_BYTES = 32L << 20;

    private final LineQuery query;
    private final long since;
    private final long until;
    private final long before;
    private final Literal literal;

    /** By id: a block that was written twice, because an fsync seemed to fail, gives the same lines. */
    private final NavigableMap<Long, Match> newest = new TreeMap<>();

    private long bytes;

    /** The newest line that fits and had no room. */
    private long givenUp = Long.MIN_VALUE;

    /** {@code line} is decoded only when it must be: most matches of a search are replaced by newer ones. */
    private record Match(
            long id,
            Chunk chunk,
            long offset,
            byte[] raw,
            @Nullable LineText line) {
        StoredLine stored() {
            Source source = chunk.source();
            return new StoredLine(
                    id,
                    source.node(),
                    source.container(),
                    source.id(),
                    offset,
                    Instant.ofEpochMilli(chunk.received()),
                    line == null ? LineText.of(source.form(), raw) : line,
                    1);
        }
    }

    LineMatches(LineQuery query, List<byte[]> literals) {
        this.query = query;
        this.since = query.since().map(Instant::toEpochMilli).orElse(Long.MIN_VALUE);
        this.until = query.until().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE);
        this.before = query.before().orElse(Long.MAX_VALUE);
        this.literal = new Literal(literals.isEmpty() ? new byte[0] : literals.get(0));
    }

    boolean canHold(BlockRef block) {
        return block.minId() < before && block.maxReceived() >= since && block.minReceived() < until;
    }

    boolean canHold(Chunk chunk) {
        return chunk.firstId() < before && chunk.received() >= since && chunk.received() < until;
    }

    /** No line with this id or a smaller one can be among the newest any more. */
    long floor() {
        return newest.size() < query.limit() ? givenUp : newest.firstKey();
    }

    /** When all was looked at that could be among the newest. */
    FoundLines found() {
        boolean mayBeMore = floor() > Long.MIN_VALUE;
        return new FoundLines(stored(newest), true, mayBeMore ? Optional.of(newest.firstKey()) : Optional.empty());
    }

    /** @param id the newest that was not looked at */
    FoundLines foundAbove(long id) {
        return new FoundLines(stored(newest.tailMap(id, false)), false, Optional.of(id + 1));
    }

    private static List<StoredLine> stored(NavigableMap<Long, Match> matches) {
        return matches.values().stream().map(Match::stored).toList();
    }

    /** @param chunks of one source that follow each other, if any of them has pieces of lines; else just one */
    void search(List<Chunk> chunks) {
        Chunk first = chunks.get(0);
        if (chunks.stream().anyMatch(Chunk::hasPartials)) {
            new Joiner().search(chunks);
        } else if (query.text().isEmpty()) {
            takeNewest(first);
        } else {
            searchText(first);
        }
    }

    private void takeNewest(Chunk chunk) {
        long id = chunk.firstId();
        long from = Math.max(floor() + 1, Math.min(chunk.lastId() + 1, before) - query.limit());
        for (int at = chunk.start(); at < chunk.end() && id < before; id++) {
            int feed = LineFeeds.next(chunk.array(), at, chunk.end());
            if (id >= from) {
                take(new Match(
                        id,
                        chunk,
                        chunk.from() + at - chunk.start(),
                        Arrays.copyOfRange(chunk.array(), at, feed),
                        null));
            }
            at = feed + 1;
        }
    }

    private void searchText(Chunk chunk) {
        byte[] array = chunk.array();
        int counted = chunk.start();
        long id = chunk.firstId();
        int at = literal.find(array, chunk.start(), chunk.end());
        while (at >= 0 && at < chunk.end()) {
            int start = lineStart(array, at, chunk.start());
            int feed = LineFeeds.next(array, at, chunk.end());
            id += Chunk.count(array, counted, start);
            counted = start;
            if (id >= before) {
                return;
            }
            byte[] raw = Arrays.copyOfRange(array, start, feed);
            LineText line = LineText.of(chunk.source().form(), raw);
            if (line.text().contains(query.text())) {
                take(new Match(id, chunk, chunk.from() + start - chunk.start(), raw, line));
            }
            at = feed < chunk.end() ? literal.find(array, feed + 1, chunk.end()) : -1;
        }
    }

    private static int lineStart(byte[] array, int at, int lowest) {
        int start = at;
        while (start > lowest && array[start - 1] != '\n') {
            start--;
        }
        return start;
    }

    private void take(Match match) {
        if (match.id <= floor() || newest.putIfAbsent(match.id, match) != null) {
            return;
        }
        bytes += match.raw.length;
        while (newest.size() > query.limit() || (bytes > MAX_BYTES && newest.size() > 1)) {
            Match oldest = newest.pollFirstEntry().getValue();
            bytes -= oldest.raw.length;
            givenUp = oldest.id;
        }
    }

    /** Puts the pieces of lines together, for each of the two streams. */
    private final class Joiner {
        private final @Nullable Pieces[] open = new Pieces[2];

        void search(List<Chunk> run) {
            for (Chunk chunk : run) {
                long id = chunk.firstId();
                for (int at = chunk.start(); at < chunk.end(); id++) {
                    int feed = LineFeeds.next(chunk.array(), at, chunk.end());
                    byte[] raw = Arrays.copyOfRange(chunk.array(), at, feed);
                    add(id, chunk, chunk.from() + at - chunk.start(), raw);
                    at = feed + 1;
                }
            }
            for (Pieces pieces : open) {
                finish(pieces);
            }
        }

        private void add(long id, Chunk chunk, long offset, byte[] raw) {
            LineText line = LineText.of(chunk.source().form(), raw);
            int stream = line.stream().equals(Optional.of("stderr")) ? 1 : 0;
            Pieces pieces = open[stream];
            if (pieces == null) {
                pieces = new Pieces(id, chunk, offset);
                open[stream] = pieces;
            }
            pieces.lines.add(line);
            if (!line.partial()) {
                finish(pieces);
                open[stream] = null;
            }
        }

        private void finish(@Nullable Pieces pieces) {
            if (pieces == null || pieces.id >= before) {
                return;
            }
            LineText joined = LineText.join(pieces.lines);
            if (joined.text().contains(query.text())) {
                byte[] held = joined.text().getBytes(StandardCharsets.UTF_8);
                take(new Match(pieces.id, pieces.chunk, pieces.offset, held, joined));
            }
        }
    }

    private static final class Pieces {
        final long id;
        final Chunk chunk;
        final long offset;
        final List<LineText> lines = new ArrayList<>();

        Pieces(long id, Chunk chunk, long offset) {
            this.id = id;
            this.chunk = chunk;
            this.offset = offset;
        }
    }
}
