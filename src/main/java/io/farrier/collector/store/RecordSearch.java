package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One search for records: finds lines, reads around each and makes it the record that it belongs to, and goes on to
 * older lines until there are as many records as were asked for.
 */
final class RecordSearch {
    private static final Logger LOG = LoggerFactory.getLogger(RecordSearch.class);

    /** How far before a found line its record is looked for: some hundred lines of a stack. */
    private static final int BACK_BYTES = 64 << 10;

    /** How far behind a found line its record may end, with what the other stream wrote meanwhile. */
    private static final int FORWARD_BYTES = 1 << 20;

    /** How much of the source's own lines is read on either side of a found one, and of how many blocks at most. */
    private static final int BYTES_ASIDE = 16 << 10;

    private static final int MAX_BLOCKS_ASIDE = 8;

    /** When all lines match, those of a long record are found a limit at a time. */
    private static final int MAX_ROUNDS = 64;

    /** What an answer may hold in memory; from there on lines stay as they were found. */
    private static final long MAX_CHARS = 16L << 20;

    /** Blocks that are kept unpacked: what is found often lies close together. */
    private static final int MAX_UNPACKED = 32;

    private static final Shelf.View NOTHING = new Shelf.View(List.of(), new Chunk[0], 0);

    private final LineQuery query;
    private final Joining joining;
    private final BooleanSupplier timeIsOver;
    private final Sources sources;
    private final BlockReader reader;
    private final Map<NodeName, Shelf.View> views;
    private final List<StoredLine> records = new ArrayList<>();
    private long chars;
    private final Map<BlockRef, List<Chunk>> unpacked = new LinkedHashMap<>(MAX_UNPACKED, 0.75f, true);

    private record Key(NodeName node, SourceId source) {}

    /**
     * @param timeIsOver from then on lines stay as they were found
     * @param views of the nodes that are asked for
     */
    RecordSearch(
            LineQuery query,
            Joining joining,
            BooleanSupplier timeIsOver,
            Sources sources,
            BlockReader reader,
            Map<NodeName, Shelf.View> views) {
        this.query = query;
        this.joining = joining;
        this.timeIsOver = timeIsOver;
        this.sources = sources;
        this.reader = reader;
        this.views = views;
    }

    FoundLines found() {
        LineQuery asked = query;
        boolean complete = true;
        Optional<Long> next = Optional.empty();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            FoundLines lines = new LineSearch(asked, timeIsOver, sources, reader).in(views);
            complete = lines.complete() && join(lines.lines(), asked);
            next = lines.next();
            int wanted = query.limit() - records.size();
            if (!complete || next.isEmpty() || wanted <= 0) {
                break;
            }
            asked = query.before(next.get()).atMost(wanted);
        }
        records.sort(Comparator.comparingLong(StoredLine::id));
        return new FoundLines(records, complete, next);
    }

    /** @return false when some stayed as they were found */
    private boolean join(List<StoredLine> found, LineQuery asked) {
        Map<Key, List<StoredLine>> bySource = new LinkedHashMap<>();
        for (StoredLine line : found) {
            bySource.computeIfAbsent(new Key(line.node(), line.source()), first -> new ArrayList<>())
                    .add(line);
        }
        boolean complete = true;
        for (Map.Entry<Key, List<StoredLine>> lines : bySource.entrySet()) {
            Optional<Source> source =
                    sources.find(lines.getKey().node(), lines.getKey().source());
            lines.getValue().sort(Comparator.comparingLong(StoredLine::offset));
            complete &= source.isPresent() && new OfSource(source.get(), lines.getValue(), asked).join();
        }
        return complete;
    }

    private boolean hasRoom() {
        return chars < MAX_CHARS && !timeIsOver.getAsBoolean();
    }

    private List<Chunk> unpacked(NodeName node, BlockRef block) {
        List<Chunk> known = unpacked.get(block);
        if (known != null) {
            return known;
        }
        List<Chunk> chunks = List.of();
        try {
            chunks = reader.read(node, block);
        } catch (IOException e) {
            LOG.warn("Left out a block of node {}: {}", node, e.getMessage());
        }
        if (unpacked.size() >= MAX_UNPACKED) {
            unpacked.remove(unpacked.keySet().iterator().next());
        }
        unpacked.put(block, chunks);
        return chunks;
    }

    /** The found lines of one source, by their offsets. */
    private final class OfSource {
        private final Source source;
        private final List<StoredLine> lines;
        private final LineQuery asked;
        private final Set<Long> wanted = new HashSet<>();
        private final Shelf.View view;
        private final List<BlockRef> blocks;
        private final RecordJoiner joiner;
        private @Nullable SourceRun run;

        OfSource(Source source, List<StoredLine> lines, LineQuery asked) {
            this.source = source;
            this.lines = lines;
            this.asked = asked;
            lines.forEach(line -> wanted.add(line.offset()));
            this.view = views.getOrDefault(source.node(), NOTHING);
            BitSet one = new BitSet();
            one.set(source.number());
            this.blocks = view.blocks().stream()
                    .filter(block -> block.holdsOneOf(one))
                    .sorted(Comparator.comparingLong(BlockRef::minId))
                    .toList();
            this.joiner = new RecordJoiner(joining, source.container(), this::take);
        }

        /** @return false when time or room ended before all were joined */
        boolean join() {
            for (StoredLine line : lines) {
                if (wanted.contains(line.offset()) && hasRoom()) {
                    readAround(line);
                }
            }
            joiner.finish();
            lines.stream().filter(line -> wanted.contains(line.offset())).forEach(records::add);
            return wanted.isEmpty();
        }

        private void readAround(StoredLine line) {
            SourceRun here = run;
            boolean isNear = here != null && here.holds(line.offset()) && line.offset() - here.position() <= BACK_BYTES;
            if (here == null || !isNear) {
                joiner.finish();
                here = SourceRun.around(line.offset(), chunksAround(line.id())).orElse(null);
                run = here;
                if (here == null) {
                    return;
                }
                here.goTo(line.offset() - BACK_BYTES);
            }
            while (here != null && wanted.contains(line.offset()) && here.position() - line.offset() < FORWARD_BYTES) {
                if (here.hasMore()) {
                    here.read(joiner::add);
                } else {
                    here = goOn(here);
                }
            }
            if (wanted.contains(line.offset())) {
                joiner.finish();
            }
        }

        /** What follows in the file, if it is in the next blocks. */
        private @Nullable SourceRun goOn(SourceRun read) {
            long end = read.position();
            SourceRun next =
                    SourceRun.around(end, chunksAround(read.nextId() - 1)).orElse(null);
            if (next != null) {
                next.goTo(end);
                run = next;
            }
            return next;
        }

        /** Of the block with that line and of its neighbours, and all that waits for a block. */
        private List<Chunk> chunksAround(long id) {
            int at = 0;
            while (at < blocks.size() && blocks.get(at).maxId() < id) {
                at++;
            }
            List<Chunk> chunks = new ArrayList<>(ofSource(view.waiting()));
            addChunks(chunks, at, 1);
            addChunks(chunks, at - 1, -1);
            return chunks;
        }

        private void addChunks(List<Chunk> chunks, int first, int direction) {
            long bytes = 0;
            for (int i = 0; i <= MAX_BLOCKS_ASIDE && bytes < BYTES_ASIDE; i++) {
                int number = first + i * direction;
                if (number < 0 || number >= blocks.size()) {
                    return;
                }
                List<Chunk> more = ofSource(unpacked(source.node(), blocks.get(number)));
                chunks.addAll(more);
                // The block with the line itself is on neither side.
                boolean isAside = direction < 0 || i > 0;
                bytes += isAside ? more.stream().mapToLong(Chunk::length).sum() : 0;
            }
        }

        private List<Chunk> ofSource(List<Chunk> chunks) {
            return chunks.stream().filter(chunk -> chunk.source() == source).toList();
        }

        private void take(RecordJoiner.Joined record) {
            if (record.offsets().stream().noneMatch(wanted::contains)) {
                return;
            }
            record.offsets().forEach(wanted::remove);
            if (!isOnANewerPage(record)) {
                chars += record.text().text().length();
                records.add(new StoredLine(
                        record.ids().get(0),
                        source.node(),
                        source.container(),
                        source.id(),
                        record.offset(),
                        Instant.ofEpochMilli(record.received()),
                        record.text(),
                        record.lines()));
            }
        }

        private boolean isOnANewerPage(RecordJoiner.Joined record) {
            long before = asked.before().orElse(Long.MAX_VALUE);
            for (int i = 0; i < record.lines(); i++) {
                if (record.ids().get(i) >= before && record.texts().get(i).contains(asked.text())) {
                    return true;
                }
            }
            return false;
        }
    }
}
