/**
 * Edge: receives feeds, stores them, shows them. It sees no adapter and no work room, and cannot change a node.
 */
@NullMarked
package io.farrier.collector;

import org.jspecify.annotations.NullMarked;
