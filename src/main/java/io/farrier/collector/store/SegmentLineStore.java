package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Lines in files of compressed blocks, a folder a node; what is structured (labels, losses, what retention dropped) in
 * SQLite. Two writer threads, {@code lines} and {@code sources}; searches run on their callers' threads.
 */
public final class SegmentLineStore implements LineStore {
    private static final Duration SEARCH_DEADLINE = Duration.ofSeconds(5);

    /** The lines thread answers between two groups. */
    private static final long ANSWER_SECONDS = 30;

    private final Sources sources;
    private final SourceTable table;
    private final DiskLines lines;
    private final Expiry expiry;
    private final GroupWriter<DiskLines> writer;
    private final AtomicBoolean expiring = new AtomicBoolean();
    private final AtomicLong expired = new AtomicLong();

    private SegmentLineStore(Sources sources, SourceTable table, DiskLines lines) {
        this.sources = sources;
        this.table = table;
        this.lines = lines;
        this.expiry = new Expiry(lines, sources, table);
        this.writer = new GroupWriter<>("lines", lines);
    }

    /** @param folder is made when it is not there */
    public static SegmentLineStore open(Path folder) throws IOException {
        return open(folder, StoreLimits.PRODUCT);
    }

    static SegmentLineStore open(Path folder, StoreLimits limits) throws IOException {
        Files.createDirectories(folder);
        BlockCodec.unpackNativeLibraryInto(folder.resolve("native"));
        Sources sources = new Sources();
        SourceTable table = SourceTable.open(folder.resolve("sources.db"), sources);
        try {
            SegmentLineStore store = new SegmentLineStore(sources, table, DiskLines.open(folder, limits, sources));
            store.writer.start();
            return store;
        } catch (IOException | RuntimeException failed) {
            table.close();
            throw failed;
        }
    }

    @Override
    public CompletableFuture<Void> open(NodeName node, SourceOpened opened, Instant received) {
        boolean known = sources.find(node, opened.source()).isPresent();
        Source source = sources.findOrAdd(node, opened.source(), opened.form(), opened.container());
        source.seen(received.toEpochMilli());
        boolean changed = source.describe(opened.form(), opened.container(), SourceTable.json(opened.labels()));
        return known && !changed ? CompletableFuture.completedFuture(null) : table.put(source);
    }

    @Override
    public CompletableFuture<List<ByteRange>> append(NodeName node, LogBatch batch, Instant received) {
        return writer.submit(
                node,
                batch.body().remaining() + 256L,
                disk -> disk.append(known(node, batch.source()), batch, received.toEpochMilli()));
    }

    @Override
    public CompletableFuture<Void> lost(NodeName node, Lost lost, Instant received) {
        return table.lost(known(node, lost.source()), lost, received);
    }

    @Override
    public ByteRanges ranges(NodeName node, SourceId source) {
        return sources.find(node, source).map(Source::stored).orElseGet(ByteRanges::new);
    }

    @Override
    public FoundLines search(LineQuery query) throws IOException {
        return search(query, deadline());
    }

    /** @param timeIsOver from then on it answers with what it has */
    FoundLines search(LineQuery query, BooleanSupplier timeIsOver) throws IOException {
        try (BlockReader reader = new BlockReader(sources)) {
            return new LineSearch(query, timeIsOver, sources, reader).in(asked(query));
        }
    }

    @Override
    public FoundLines search(LineQuery query, Joining joining) throws IOException {
        return search(query, joining, deadline());
    }

    FoundLines search(LineQuery query, Joining joining, BooleanSupplier timeIsOver) throws IOException {
        try (BlockReader reader = new BlockReader(sources)) {
            return new RecordSearch(query, joining, timeIsOver, sources, reader, asked(query)).found();
        }
    }

    private static BooleanSupplier deadline() {
        long deadline = System.nanoTime() + SEARCH_DEADLINE.toNanos();
        return () -> System.nanoTime() - deadline >= 0;
    }

    @Override
    public FoundLosses losses(NodeName node, Optional<Long> before, int limit) throws IOException {
        return table.losses(node, before, limit);
    }

    @Override
    public List<SourceFacts> sources(NodeName node) {
        return sources.of(node).stream()
                .map(Source::facts)
                .sorted(Comparator.comparing(SourceFacts::last).reversed())
                .toList();
    }

    @Override
    public LineTotals totals() throws IOException {
        try {
            long used = writer.submit(0, DiskLines::usedBytes).get(ANSWER_SECONDS, TimeUnit.SECONDS);
            return new LineTotals(used, expired.get());
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Tried to ask the store how full it is but: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking the store how full it is", e);
        }
    }

    @Override
    public void retain(Retention retention, Instant now) {
        if (expiring.compareAndSet(false, true)) {
            expireStep(retention, now);
        }
    }

    @Override
    public boolean isHealthy() {
        return writer.isHealthy() && table.isHealthy();
    }

    @Override
    public void close() throws IOException {
        try {
            writer.close();
        } finally {
            table.close();
        }
    }

    private Source known(NodeName node, SourceId source) {
        return sources.find(node, source).orElseThrow(() -> new IllegalStateException("the source was not opened"));
    }

    private Map<NodeName, Shelf.View> asked(LineQuery query) {
        return lines.views().entrySet().stream()
                .filter(one -> query.node().map(one.getKey()::equals).orElse(true))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, one -> one.getValue().view()));
    }

    private void expireStep(Retention retention, Instant now) {
        writer.submit(0, disk -> expiry.step(retention, now)).whenComplete((dropped, failure) -> {
            if (failure != null || dropped == Expiry.NOTHING) {
                expiring.set(false);
                return;
            }
            expired.addAndGet(dropped);
            expireStep(retention, now);
        });
    }
}
