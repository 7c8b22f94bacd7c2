/**
 * Pure: lossless edits of configuration documents: bytes in, bytes out. Law: bytes we were not asked to change are unchanged.
 */
@NullMarked
package io.farrier.document;

import org.jspecify.annotations.NullMarked;
