/**
 * Adapter: dockerd. docker-java for calls over {@code transport}; streams (pull, events) are read as they come.
 * Law: an answer of 200 proves nothing until its stream ended without an error line.
 */
@NullMarked
package io.farrier.runtime.docker;

import org.jspecify.annotations.NullMarked;
