/**
 * Work: which images some files will ask for. What a file says is listed; what only a renderer could know is listed as
 * such, and never guessed.
 */
@NullMarked
package io.farrier.images.extract;

import org.jspecify.annotations.NullMarked;
