package io.farrier.check;

import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.RuntimeUnavailableException;
import java.io.IOException;

/** What the container runtime says of itself: {@code runtime::info}. */
@FunctionalInterface
public interface RuntimeQuestion {
    /** @throws RuntimeUnavailableException when nobody answers */
    RuntimeInfo ask() throws IOException;
}
