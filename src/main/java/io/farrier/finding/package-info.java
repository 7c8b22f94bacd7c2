/**
 * Value: what is wrong with a node, as a sentence with a way out. Law: findings are never dropped for logs.
 */
@NullMarked
package io.farrier.finding;

import org.jspecify.annotations.NullMarked;
