/**
 * Adapter: image archives on disk. An archive is code that every pod will run, so one that comes from outside is read
 * strictly and whole before anything of it is used, and what goes on is written by us.
 */
@NullMarked
package io.farrier.archive;

import org.jspecify.annotations.NullMarked;
