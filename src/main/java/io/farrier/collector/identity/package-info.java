/**
 * Edge: who may speak and read: two secrets, node names bound to their first credential.
 */
@NullMarked
package io.farrier.collector.identity;

import org.jspecify.annotations.NullMarked;
