package io.farrier.logs;

import java.nio.file.Path;
import java.util.List;

/** What a test wants to be tailed. */
final class WantedLogs {
    private static final long HISTORY_BYTES = 256 << 20;

    private WantedLogs() {}

    /** The cluster's own, without limits. */
    static Tail.Wanted ofContainers(long holdBytes) {
        return new Tail.Wanted(
                new LogScope(List.of(), List.of()),
                new PlainFiles(List.of()),
                holdBytes,
                HISTORY_BYTES,
                Rate.NONE,
                Rate.NONE,
                List.of(),
                Path.of("/nonexistent"));
    }

    /** On a node whose kubelet's configuration lies below {@code root}. */
    static Tail.Wanted onNode(Path root) {
        Tail.Wanted all = ofContainers(1L << 40);
        return new Tail.Wanted(
                all.scope(),
                all.files(),
                all.holdBytes(),
                all.historyBytes(),
                all.nodeRate(),
                all.logRate(),
                all.redact(),
                root);
    }

    static Tail.Wanted withHistory(long historyBytes) {
        Tail.Wanted all = ofContainers(1L << 40);
        return new Tail.Wanted(
                all.scope(),
                all.files(),
                all.holdBytes(),
                historyBytes,
                all.nodeRate(),
                all.logRate(),
                all.redact(),
                all.root());
    }

    static Tail.Wanted ofFiles(PlainFiles files) {
        Tail.Wanted all = ofContainers(1L << 40);
        return new Tail.Wanted(
                all.scope(),
                files,
                all.holdBytes(),
                all.historyBytes(),
                all.nodeRate(),
                all.logRate(),
                all.redact(),
                all.root());
    }

    static Tail.Wanted withRates(long nodeRate, long logRate) {
        Tail.Wanted all = ofContainers(1L << 40);
        return new Tail.Wanted(
                all.scope(),
                all.files(),
                all.holdBytes(),
                all.historyBytes(),
                nodeRate,
                logRate,
                all.redact(),
                all.root());
    }
}
