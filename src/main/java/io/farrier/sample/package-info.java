/**
 * Value: what was seen at one moment: containers, images, registries, the node itself. Units are in the names.
 */
@NullMarked
package io.farrier.sample;

import org.jspecify.annotations.NullMarked;
