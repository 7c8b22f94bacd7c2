package io.farrier.runtime;

import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Images whose bytes somebody has verified, ready to be handed to a runtime. A runtime takes them blob by blob or as one
 * archive, whichever it knows.
 */
public interface Images {
    /** @param names by tag, at least one */
    record Named(List<Reference> names, ImageManifest manifest) {
        public Named {
            names = List.copyOf(names);
        }
    }

    List<Named> images();

    /** The exact bytes of a configuration or layer; reading fails when they are not those of its digest. */
    InputStream open(Blob blob) throws IOException;

    /** All of them as one tar that {@code docker load} reads. */
    void writeArchive(OutputStream out) throws IOException;
}
