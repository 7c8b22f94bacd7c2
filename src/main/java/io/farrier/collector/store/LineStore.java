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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Log lines, each byte of a file once, however the batches were cut. Futures complete when the bytes are on disk, on
 * the store's thread, and fail with {@link StoreBusyException} or another {@link IOException} when they are not.
 */
public interface LineStore extends AutoCloseable {
    /** Losses kept per node. */
    int MAX_LOSSES = 1_000;

    /** Remembers what a source is; announcing again replaces what was known. */
    CompletableFuture<Void> open(NodeName node, SourceOpened source, Instant received);

    /** Completes with the parts that were new. The source must have been opened. */
    CompletableFuture<List<ByteRange>> append(NodeName node, LogBatch batch, Instant received);

    /** Remembers a declared loss; the same one twice is one. */
    CompletableFuture<Void> lost(NodeName node, Lost lost, Instant received);

    /** What is stored of a source, empty when it is not known. */
    ByteRanges ranges(NodeName node, SourceId source) throws IOException;

    FoundLines search(LineQuery query) throws IOException;

    /** The records to which the lines belong that fit: a match in any line finds all of it, once over all pages. */
    FoundLines search(LineQuery query, Joining joining) throws IOException;

    /**
     * The latest declared losses of a node, of which the latest {@link #MAX_LOSSES} are kept.
     *
     * @param before only those with a smaller {@link StoredLoss#id()}: the page before
     */
    FoundLosses losses(NodeName node, Optional<Long> before, int limit) throws IOException;

    List<SourceFacts> sources(NodeName node) throws IOException;

    LineTotals totals() throws IOException;

    /** Drops what is older or more than {@code retention} allows, in steps between the appends. */
    void retain(Retention retention, Instant now);

    boolean isHealthy();

    @Override
    void close() throws IOException;
}
