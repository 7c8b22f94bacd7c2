/**
 * Edge: what the collector keeps: facts in one SQLite file, log lines in files of compressed blocks behind {@link
 * io.farrier.collector.store.LineStore}. Law: a future of a write completes only when the bytes are on disk, and what
 * is already there is not stored again.
 */
@NullMarked
package io.farrier.collector.store;

import org.jspecify.annotations.NullMarked;
