package io.farrier.agent;

import io.farrier.config.FarrierConfig;
import java.io.IOException;

/** The configuration as it stands in its files, read again when they change. */
public interface Configuration {
    /** One line for each file that belongs to the configuration, which changes with it; cheap, called every few seconds. */
    String fingerprint() throws IOException;

    /** @throws IOException with the whole report when it is not valid; the last good one then stays in force */
    FarrierConfig load() throws IOException;

    /** What keeps a node as this configuration says. Makes objects only; touches nothing. */
    NodeWork furnish(FarrierConfig config) throws IOException;
}
