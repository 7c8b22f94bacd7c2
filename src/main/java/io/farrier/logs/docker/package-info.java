/**
 * Adapter: lines of containers whose logging driver leaves no file that could be read ({@code local}, {@code journald},
 * {@code syslog}, {@code fluentd} and others), as Docker's API tells them, copied to files of ours that {@code Tail} reads
 * like a container's.
 *
 * <p>What Docker has can be asked for again, from a time on. Where a copy goes on is told by the last line of each stream:
 * dockerd stamps every line, and the times of one stream rise. When Docker no longer has the last line that was copied, or
 * removed a container that nobody was reading, a loss of unknown size is declared.
 */
@NullMarked
package io.farrier.logs.docker;

import org.jspecify.annotations.NullMarked;
