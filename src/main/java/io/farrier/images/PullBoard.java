package io.farrier.images;

import io.farrier.sample.ImageStatus;

/** Hears about pulls as they go; called from the pulling threads, it must return at once. */
public interface PullBoard {
    /** At most four times a second for each image. */
    void progress(String reference, long doneBytes, long totalBytes, String note);

    void ended(ImageStatus status);
}
