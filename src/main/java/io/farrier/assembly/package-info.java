/**
 * Entry: the only place that builds object graphs, by hand and in reading order. This is the architecture diagram.
 */
@NullMarked
package io.farrier.assembly;

import org.jspecify.annotations.NullMarked;
