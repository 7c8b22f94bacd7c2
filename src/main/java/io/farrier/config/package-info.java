/**
 * Port: the configuration files. All problems at once, with line and a suggestion; a value that was read is valid.
 */
@NullMarked
package io.farrier.config;

import org.jspecify.annotations.NullMarked;
