/**
 * Adapter: log files and their cursors. A source is one file; its cursor is the set of acknowledged byte ranges.
 * Law: what is read is not stored here, because the file is the spool; what is lost is declared.
 */
@NullMarked
package io.farrier.logs;

import org.jspecify.annotations.NullMarked;
