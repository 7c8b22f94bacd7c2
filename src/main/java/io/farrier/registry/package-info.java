/**
 * Adapter: the distribution API of a registry. Everything it answers is hostile until parsed.
 */
@NullMarked
package io.farrier.registry;

import org.jspecify.annotations.NullMarked;
