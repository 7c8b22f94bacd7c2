/**
 * Work: plan all, object, write, reload, gate, commit or roll back. Laws: settles, torn, stale, whole, one writer.
 */
@NullMarked
package io.farrier.reconcile;

import org.jspecify.annotations.NullMarked;
