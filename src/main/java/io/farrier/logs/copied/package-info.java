/**
 * Lines that are in no file that could be tailed, written to files of ours: a source's ranges, acks, redaction and losses
 * are byte ranges of a file, and an entry of the journal or a line of Docker's API has no place in one.
 *
 * <p>The chain, so that nothing is lost or doubled whoever is killed: lines are appended to a file, the file is fsynced,
 * then a position (how far the lines' origin was read, length of each file) replaces the last one. After a kill the origin
 * is read again from that position; what a file already holds beyond its length is the same bytes, and they are compared,
 * not written again: the file never gets shorter, so no range that the collector has changes its meaning. Files are
 * rotated, and deleted when a checkpoint on disk says that the collector has them; when they are full nothing is read, and
 * the origin itself is the spool.
 */
@NullMarked
package io.farrier.logs.copied;

import org.jspecify.annotations.NullMarked;
