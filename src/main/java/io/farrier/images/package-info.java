/**
 * Work: the images a node must have: what they are, whether they are there, pulling the rest.
 */
@NullMarked
package io.farrier.images;

import org.jspecify.annotations.NullMarked;
