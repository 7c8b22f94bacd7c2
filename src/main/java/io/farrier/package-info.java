/** The entry: {@link io.farrier.Main} picks the verb and holds the only {@code System.exit}. */
@NullMarked
package io.farrier;

import org.jspecify.annotations.NullMarked;
