/**
 * Value: certificates as read from PEM, and what is wrong with them. Law: what Docker would silently ignore is refused.
 */
@NullMarked
package io.farrier.pki;

import org.jspecify.annotations.NullMarked;
