package io.farrier.route;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.util.List;

/** How one runtime finds registries. */
public interface Rules {
    /** What it tries for an image, in order, until one has it. */
    List<Hop> route(Reference reference);

    /** How it opens one registry or mirror by its own name, whichever image is asked for: at least one way. */
    List<Hop> endpoint(RegistryHost host);
}
