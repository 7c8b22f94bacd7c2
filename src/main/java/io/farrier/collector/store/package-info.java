/**
 * Edge: facts in SQLite, log lines behind {@code LineStore}. Law: an ack is sent only after the bytes are on disk.
 */
@NullMarked
package io.farrier.collector.store;

import org.jspecify.annotations.NullMarked;
