package io.farrier.collector.store;

import io.farrier.feed.Frame.Form;
import io.farrier.feed.SourceId;
import java.time.Instant;

/**
 * What is known of a source.
 *
 * @param labels JSON object
 * @param lines ever stored of it
 */
public record SourceFacts(
        SourceId source, Form form, String container, String labels, long lines, long bytes, Instant last) {}
