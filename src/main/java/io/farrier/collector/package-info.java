/**
 * Edge: receives feeds, stores them, shows them. It sees no adapter and no work room, and cannot change a node: it says
 * welcome, ack and credit, and nothing else. Law: what a connection holds in memory is bounded, and an ack is sent only
 * after the store has it on disk.
 */
@NullMarked
package io.farrier.collector;

import org.jspecify.annotations.NullMarked;
