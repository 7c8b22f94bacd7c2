package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.LogBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * The files that hold the lines. A batch goes into the journal, and with the fsync of its group it is stored; later,
 * while nobody waits, the lines of a node become blocks and their part of the journal is deleted. A kill in between
 * leaves both, and what the head of a block says is stored is not taken from the journal again.
 *
 * <p>Only the lines thread calls it, but for {@link #views}.
 */
final class DiskLines implements GroupWriter.Transactions<DiskLines> {
    /** Files of the journal that may wait; a node that is quiet since the oldest is folded then. */
    private static final int MAX_JOURNAL_FILES = 16;

    /** Nodes that are folded for the oldest file between two groups: acks never wait for a whole fleet. */
    private static final int FOLDS_AT_ONCE = 16;

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final Path folder;
    private final StoreLimits limits;
    private final Sources sources;
    private final Codecs codecs = new Codecs();
    private final BlockWriter writer = new BlockWriter(BlockCodec.best());
    private final Map<Integer, Integer> journalUse = new HashMap<>();
    private final ConcurrentMap<NodeName, Shelf> shelves = new ConcurrentHashMap<>();
    private final List<Staged> staged = new ArrayList<>();
    private final Set<Shelf> due = new LinkedHashSet<>();
    private final Journal journal;
    private long waitingBytes;
    /** Of the next line; one that was not stored leaves a gap, because a part of it may be on disk all the same. */
    private long nextId = 1;

    private long tidyNotBefore = System.nanoTime();

    private record Staged(Chunk chunk, int journalFile) {}

    private DiskLines(Path folder, StoreLimits limits, Sources sources) throws IOException {
        this.folder = folder;
        this.limits = limits;
        this.sources = sources;
        openShelves();
        this.journal = Journal.open(folder.resolve("journal"), limits.journalFileBytes(), this::replay);
        shelves.values().forEach(Shelf::publish);
    }

    /** Tells {@code sources} what the heads of the blocks, and then the journal, say is stored. */
    static DiskLines open(Path folder, StoreLimits limits, Sources sources) throws IOException {
        return new DiskLines(folder, limits, sources);
    }

    /** The parts that are new; stored with the next commit. */
    List<ByteRange> append(Source source, LogBatch batch, long received) throws IOException {
        if (waitingBytes > 2 * limits.journalBytes()) {
            throw new IOException("the journal holds " + waitingBytes + " bytes that cannot be made blocks of");
        }
        List<ByteRange> missing = source.missing(new ByteRange(batch.from(), batch.to()));
        for (ByteRange part : missing) {
            int at = batch.body().position() + (int) (part.from() - batch.from());
            ByteBuffer lines = batch.body().slice(at, (int) part.length());
            var written = JournalRecord.write(source, part.from(), nextId, received, lines);
            staged.add(new Staged(written.chunk(), journal.current()));
            source.stage(part);
            journal.append(written.record());
            nextId += written.chunk().lines();
        }
        return missing;
    }

    @Override
    public DiskLines store() {
        return this;
    }

    @Override
    public void commit() throws IOException {
        journal.commit();
        Set<Shelf> touched = new LinkedHashSet<>();
        for (Staged one : staged) {
            Chunk chunk = one.chunk;
            chunk.source().store(chunk.range(), chunk.lines(), chunk.received());
            Shelf shelf = shelf(chunk.source().node());
            shelf.add(chunk, one.journalFile);
            touched.add(shelf);
            waitingBytes += chunk.length();
        }
        touched.forEach(Shelf::publish);
        touched.stream().filter(Shelf::isDue).forEach(due::add);
        staged.clear();
    }

    @Override
    public void rollback() throws IOException {
        staged.forEach(one -> one.chunk.source().unstage());
        staged.clear();
        journal.rollback();
    }

    /** Folds what is due; what fails stays where it is and is due again. */
    @Override
    public void tidy() throws IOException {
        if (System.nanoTime() - tidyNotBefore < 0) {
            return;
        }
        // Compressing the same lines again after each group would not make room on a full disk.
        tidyNotBefore = System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos();
        foldWhatIsDue();
        release();
        tidyNotBefore = System.nanoTime();
    }

    private void foldWhatIsDue() throws IOException {
        while (!due.isEmpty()) {
            Shelf shelf = due.iterator().next();
            fold(shelf, false);
            due.remove(shelf);
        }
        if (waitingBytes > limits.journalBytes()) {
            fold(fullest(), true);
        }
        if (journal.count() > MAX_JOURNAL_FILES) {
            foldOldestFile();
        }
    }

    Collection<Shelf> shelves() {
        return shelves.values();
    }

    /** For searches, on any thread. */
    Map<NodeName, Shelf> views() {
        return shelves;
    }

    Codecs codecs() {
        return codecs;
    }

    long journalBytes() {
        return journal.bytes();
    }

    long usedBytes() {
        return journal.bytes()
                + shelves.values().stream().mapToLong(Shelf::segmentBytes).sum();
    }

    void fold(Shelf shelf, boolean wholly) throws IOException {
        long before = shelf.waitingBytes();
        shelf.fold(writer, wholly);
        waitingBytes -= before - shelf.waitingBytes();
    }

    /** Empties the journal: it counts as used disk. */
    void foldAll() throws IOException {
        for (Shelf shelf : shelves.values()) {
            fold(shelf, true);
        }
        journal.releaseBefore(journal.next());
    }

    @Override
    public void close() throws IOException {
        journal.close();
        writer.close();
        codecs.close();
    }

    private void openShelves() throws IOException {
        Path nodes = Files.createDirectories(folder.resolve("nodes"));
        try (Stream<Path> there = Files.list(nodes)) {
            for (Path one : there.filter(Files::isDirectory).toList()) {
                if (NodeName.isNodeName(one.getFileName().toString())) {
                    shelf(new NodeName(one.getFileName().toString()));
                }
            }
        }
    }

    private Shelf shelf(NodeName node) throws IOException {
        Shelf known = shelves.get(node);
        if (known != null) {
            return known;
        }
        Path nodeFolder = folder.resolve("nodes").resolve(node.value());
        Segments segments = Segments.open(node, nodeFolder, limits, sources, codecs);
        segments.blocks().forEach(block -> raiseNextId(block.maxId()));
        Shelf shelf = new Shelf(node, segments, limits, journalUse);
        shelves.put(node, shelf);
        return shelf;
    }

    /** What is in a block already is not taken again: the kill came before the file of the journal was deleted. */
    private void replay(int file, ByteBuffer record) throws IOException {
        Chunk chunk = JournalRecord.read(record, sources);
        raiseNextId(chunk.lastId());
        Shelf shelf = shelf(chunk.source().node());
        for (ByteRange part : chunk.source().missing(chunk.range())) {
            int from = chunk.start() + (int) (part.from() - chunk.from());
            int to = from + (int) part.length();
            Chunk missing = chunk.since(from).until(to);
            missing.source().store(part, missing.lines(), missing.received());
            shelf.add(missing, file);
            waitingBytes += missing.length();
        }
    }

    private void raiseNextId(long id) {
        nextId = Math.max(nextId, id + 1);
    }

    private Shelf fullest() {
        return shelves.values().stream()
                .max(Comparator.comparingLong(Shelf::waitingBytes))
                .orElseThrow();
    }

    private void foldOldestFile() throws IOException {
        int oldest = journal.oldest();
        int folded = 0;
        for (Shelf shelf : shelves.values()) {
            if (folded < FOLDS_AT_ONCE && shelf.needs(oldest)) {
                fold(shelf, true);
                folded++;
            }
        }
    }

    private void release() throws IOException {
        int needed = journal.oldest();
        while (needed < journal.next() - 1 && !journalUse.containsKey(needed)) {
            needed++;
        }
        journal.releaseBefore(needed);
    }
}
