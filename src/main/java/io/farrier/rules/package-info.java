/**
 * Pure: what is looked for in foreign lines. Law: every expression runs in time linear in the text, or is switched off
 * and reported; none backtracks.
 */
@NullMarked
package io.farrier.rules;

import org.jspecify.annotations.NullMarked;
