/**
 * Port: append-only, checksummed records; a torn tail is cut at open, a flipped byte costs its own record.
 */
@NullMarked
package io.farrier.segment;

import org.jspecify.annotations.NullMarked;
