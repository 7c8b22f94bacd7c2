/**
 * Port: frames that cannot be read again, on disk until acknowledged. Law: at least once, bounded, torn tails cut.
 */
@NullMarked
package io.farrier.spool;

import org.jspecify.annotations.NullMarked;
