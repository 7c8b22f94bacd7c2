/**
 * Value: how images and registries are named. References are parsed once, at the door, and never re-parsed.
 */
@NullMarked
package io.farrier.image;

import org.jspecify.annotations.NullMarked;
