/**
 * Adapter: what systemd's journal has of a few units, as log files of ours that {@code Tail} reads like a container's.
 *
 * <p>Why a child: the journal's files are compressed, indexed and written while they are read; {@code journalctl} is on
 * every node that has a journal and reads all its versions. Its {@link io.farrier.logs.journal.Position} has the journal's
 * cursor. When the journal has been vacuumed past the cursor, a loss of unknown size is declared for each unit.
 */
@NullMarked
package io.farrier.logs.journal;

import org.jspecify.annotations.NullMarked;
