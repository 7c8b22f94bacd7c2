package io.farrier.route;

import java.util.List;

/** What a name resolves to. */
@FunctionalInterface
public interface Addresses {
    /** @return none where the name is not known */
    List<byte[]> of(String host);
}
