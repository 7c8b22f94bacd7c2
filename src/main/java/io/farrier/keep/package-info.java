/**
 * Work: what the kept files of all runtimes have in common: keys of a document that are farrier's, and files of its own.
 */
@NullMarked
package io.farrier.keep;

import org.jspecify.annotations.NullMarked;
