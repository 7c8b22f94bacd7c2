/**
 * Work: what farrier keeps true for dockerd: one class per kept file, and what each key costs as data.
 */
@NullMarked
package io.farrier.keep.docker;

import org.jspecify.annotations.NullMarked;
