package io.farrier.runtime;

/** Hears how far a pull is. Called often; it must return at once. */
@FunctionalInterface
public interface PullListener {
    PullListener SILENT = progress -> {};

    void progress(PullProgress progress);

    /**
     * @param doneBytes downloaded of the layers seen so far
     * @param totalBytes of the layers seen so far; it grows while layers appear; 0 while unknown (always, on CRI)
     * @param note what is going on, in the runtime's words
     */
    record PullProgress(long doneBytes, long totalBytes, String note) {}
}
