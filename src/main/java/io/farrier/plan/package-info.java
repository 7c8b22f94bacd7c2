/**
 * Value: what would change on a node, why it may not, and what became of it. A plan is data: it can be printed,
 * journalled, framed and replayed. Law: deciding is pure (same input, same plan).
 */
@NullMarked
package io.farrier.plan;

import org.jspecify.annotations.NullMarked;
