/**
 * Port: what is ours, the originals, the open change and the history. Law: read under the node lock, never cached.
 */
@NullMarked
package io.farrier.ledger;

import org.jspecify.annotations.NullMarked;
