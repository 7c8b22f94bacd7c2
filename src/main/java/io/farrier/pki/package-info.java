/**
 * Value: certificates as read from PEM, and what is wrong with them.
 */
@NullMarked
package io.farrier.pki;

import org.jspecify.annotations.NullMarked;
