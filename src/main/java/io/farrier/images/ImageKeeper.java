package io.farrier.images;

import io.farrier.sample.ImageStatus;
import java.io.IOException;
import java.util.List;

/** Keeps the wanted images on the node. */
public final class ImageKeeper {
    /** Which wanted images are there: one list call. */
    public List<ImageStatus> check() throws IOException {
        throw new UnsupportedOperationException("being built");
    }

    /** Pulls what is missing; one image's failure never stops the rest. Returns how each ended. */
    public List<ImageStatus> keep(PullBoard board) throws IOException {
        throw new UnsupportedOperationException("being built");
    }

    /** Hears about pulls as they go; called from the pulling threads, it must return at once. */
    public interface PullBoard {
        void progress(String reference, long doneBytes, long totalBytes, String note);

        void ended(ImageStatus status);
    }
}
