/**
 * Adapter: what systemd's journal has of a few units, as log files of ours that {@code Tail} reads like a container's.
 *
 * <p>Why a child: the journal's files are compressed, indexed and written while they are read; {@code journalctl} is on
 * every node that has a journal and reads all its versions. Why files between: a source's ranges, acks, redaction and
 * losses are byte ranges of a file, and an entry of the journal has no place in one.
 *
 * <p>The chain, so that nothing is lost or doubled whoever is killed: entries are appended to the unit's file, the file
 * is fsynced, then a {@link io.farrier.logs.journal.Position} (journal cursor, length of each file) replaces the last
 * one. After a kill the journal is read again from that cursor; what a file already holds beyond its length is the same
 * bytes, and they are compared, not written again: the file never gets shorter, so no range that the collector has
 * changes its meaning. Files are rotated, and deleted when a checkpoint on disk says that the collector has them; when
 * they are full the child is not read, and the journal itself is the spool. When the journal has been vacuumed past the
 * cursor, a loss of unknown size is declared for each unit.
 */
@NullMarked
package io.farrier.logs.journal;

import org.jspecify.annotations.NullMarked;
