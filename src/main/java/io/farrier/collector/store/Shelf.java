package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * One node's lines: blocks, and chunks that wait in the journal until they make good blocks. The lines thread writes;
 * any thread reads the {@link View}.
 */
final class Shelf {
    /** A line whose end did not come within so many bytes is stored in pieces. */
    static final int MAX_OPEN_BYTES = 4 << 20;

    private static final int FIRST_CHUNKS = 16;

    /** What a search looks at: each line is either in a block or in a chunk. The array is only written behind count. */
    record View(List<BlockRef> blocks, Chunk[] chunks, int count) {
        List<Chunk> waiting() {
            return Arrays.asList(chunks).subList(0, count);
        }
    }

    private final NodeName node;
    private final Segments segments;
    private final StoreLimits limits;

    /** How many chunks of each file of the journal are not in a block yet, over all nodes. */
    private final Map<Integer, Integer> journalUse;

    private Chunk[] chunks = new Chunk[FIRST_CHUNKS];
    private int[] journalFiles = new int[FIRST_CHUNKS];
    private int count;
    private long waitingBytes;
    private List<BlockRef> blocks;
    private volatile View view;

    Shelf(NodeName node, Segments segments, StoreLimits limits, Map<Integer, Integer> journalUse) {
        this.node = node;
        this.segments = segments;
        this.limits = limits;
        this.journalUse = journalUse;
        this.blocks = segments.blocks().toList();
        this.view = new View(blocks, chunks, 0);
    }

    NodeName node() {
        return node;
    }

    View view() {
        return view;
    }

    /** Shown after {@link #publish}. */
    void add(Chunk chunk, int journalFile) {
        if (count == chunks.length) {
            chunks = Arrays.copyOf(chunks, 2 * count);
            journalFiles = Arrays.copyOf(journalFiles, 2 * count);
        }
        chunks[count] = chunk;
        journalFiles[count] = journalFile;
        count++;
        waitingBytes += chunk.length();
        journalUse.merge(journalFile, 1, Integer::sum);
    }

    void publish() {
        view = new View(blocks, chunks, count);
    }

    long waitingBytes() {
        return waitingBytes;
    }

    long segmentBytes() {
        return segments.bytes();
    }

    Segments segments() {
        return segments;
    }

    boolean isDue() {
        return waitingBytes >= limits.foldBytes();
    }

    boolean needs(int journalFile) {
        for (int i = 0; i < count; i++) {
            if (journalFiles[i] == journalFile) {
                return true;
            }
        }
        return false;
    }

    boolean holdsOlderThan(long received) {
        for (int i = 0; i < count; i++) {
            if (chunks[i].received() < received) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes blocks of what waits; they are on disk when this returns.
     *
     * @param wholly also of lines whose end has not come
     */
    void fold(BlockWriter writer, boolean wholly) throws IOException {
        List<Waiting> stay = new ArrayList<>();
        List<Chunk> go = new ArrayList<>();
        for (List<Waiting> run : runs()) {
            split(run, wholly, go, stay);
        }
        if (go.isEmpty()) {
            return;
        }
        for (List<Chunk> together : byReceiveTime(go)) {
            segments.write(writer, packed(together));
        }
        replaceWaiting(stay);
    }

    /** The blocks of the oldest file are gone. */
    void dropped() {
        blocks = segments.blocks().toList();
        publish();
    }

    private record Waiting(Chunk chunk, int journalFile) {}

    /** Those of one source that follow each other without a gap. */
    private List<List<Waiting>> runs() {
        List<Waiting> sorted = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            sorted.add(new Waiting(chunks[i], journalFiles[i]));
        }
        sorted.sort(Comparator.<Waiting>comparingInt(
                        waiting -> waiting.chunk.source().number())
                .thenComparingLong(waiting -> waiting.chunk.from()));
        List<List<Waiting>> runs = new ArrayList<>();
        for (Waiting waiting : sorted) {
            List<Waiting> last = runs.isEmpty() ? List.of() : runs.get(runs.size() - 1);
            if (last.isEmpty() || !follows(last.get(last.size() - 1).chunk, waiting.chunk)) {
                last = new ArrayList<>();
                runs.add(last);
            }
            last.add(waiting);
        }
        return runs;
    }

    static boolean follows(Chunk before, Chunk chunk) {
        return before.source() == chunk.source() && before.to() == chunk.from();
    }

    /** A line goes into a block whole, with all its pieces: what is open at the end waits for the rest. */
    private static void split(List<Waiting> run, boolean wholly, List<Chunk> go, List<Waiting> stay) {
        long open = wholly
                ? Long.MAX_VALUE
                : OpenLine.startIn(run.stream().map(Waiting::chunk).toList());
        for (Waiting waiting : run) {
            Chunk chunk = waiting.chunk;
            if (chunk.to() <= open) {
                go.add(chunk);
            } else if (chunk.from() >= open) {
                stay.add(waiting);
            } else {
                int at = chunk.start() + (int) (open - chunk.from());
                go.add(chunk.until(at));
                stay.add(new Waiting(chunk.since(at), waiting.journalFile));
            }
        }
    }

    /** A file of the store holds a limited time of the collector's clock, so a block does as well. */
    private List<List<Chunk>> byReceiveTime(List<Chunk> chunksToGo) {
        long span = limits.segmentSpan().toMillis();
        List<List<Chunk>> groups = new ArrayList<>();
        List<Chunk> left = chunksToGo;
        while (!left.isEmpty()) {
            long first = left.stream().mapToLong(Chunk::received).min().orElseThrow();
            groups.add(left.stream()
                    .filter(chunk -> chunk.received() - first <= span)
                    .toList());
            left = left.stream()
                    .filter(chunk -> chunk.received() - first > span)
                    .toList();
        }
        return groups;
    }

    /** As many blocks as their size says, all about as large; chunks that follow each other stay together. */
    private List<List<Chunk>> packed(List<Chunk> together) {
        long total = together.stream().mapToLong(Chunk::length).sum();
        long size = total / Math.max(1, total / limits.blockBytes());
        List<List<Chunk>> packed = new ArrayList<>();
        List<Chunk> block = new ArrayList<>();
        long bytes = 0;
        OpenLine open = new OpenLine();
        for (Chunk chunk : together) {
            boolean goesOn = bytes < MAX_OPEN_BYTES && open.goesOnIn(chunk);
            if (bytes >= size && !goesOn) {
                packed.add(block);
                block = new ArrayList<>();
                bytes = 0;
            }
            block.add(chunk);
            open.add(chunk);
            bytes += chunk.length();
        }
        packed.add(block);
        return packed;
    }

    private void replaceWaiting(List<Waiting> stay) {
        for (int i = 0; i < count; i++) {
            journalUse.computeIfPresent(journalFiles[i], (file, uses) -> uses == 1 ? null : uses - 1);
        }
        // New arrays: a search may still read the old ones.
        chunks = new Chunk[Math.max(FIRST_CHUNKS, stay.size())];
        journalFiles = new int[chunks.length];
        count = 0;
        waitingBytes = 0;
        stay.sort(Comparator.comparingLong(waiting -> waiting.chunk.firstId()));
        stay.forEach(waiting -> add(waiting.chunk, waiting.journalFile));
        blocks = segments.blocks().toList();
        publish();
    }
}
