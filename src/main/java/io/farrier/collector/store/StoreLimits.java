package io.farrier.collector.store;

import java.time.Duration;

/**
 * The sizes of a line store's parts.
 *
 * @param blockBytes of lines that are compressed together: larger ones compress better, smaller ones are read faster
 * @param foldBytes of one node's lines in the journal, from which on they become blocks
 * @param journalBytes of all nodes' lines in the journal: what is in memory, and what a start replays
 * @param journalFileBytes of one file of it
 * @param segmentBytes from which on a node's next block begins another file: what retention drops at once
 * @param segmentSpan by the collector's clock, after which the next block begins another file
 */
record StoreLimits(
        int blockBytes,
        int foldBytes,
        long journalBytes,
        long journalFileBytes,
        long segmentBytes,
        Duration segmentSpan) {
    static final StoreLimits PRODUCT =
            new StoreLimits(256 << 10, 1 << 20, 64L << 20, 4L << 20, 8L << 20, Duration.ofHours(24));
}
