/**
 * Edge: who may speak and read: the collector's certificate, two secrets, join tokens and the nodes that came by them,
 * browser sessions, node names bound to their first credential. Law: what is on a node can write and never read; nothing secret is compared byte by byte or
 * readable by others.
 */
@NullMarked
package io.farrier.collector.identity;

import org.jspecify.annotations.NullMarked;
