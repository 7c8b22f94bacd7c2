/**
 * Value: what must never be seen. Law: a secret has no readable {@code toString} and is revealed only where it is used.
 */
@NullMarked
package io.farrier.secret;

import org.jspecify.annotations.NullMarked;
