package io.farrier.collector.store;

/**
 * How full the store is.
 *
 * @param usedBytes of the disk
 * @param expiredLines that retention dropped since the collector started
 */
public record LineTotals(long usedBytes, long expiredLines) {}
