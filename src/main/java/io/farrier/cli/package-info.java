/**
 * Entry: one class per verb. It prints and never decides; everything foreign is escaped on its way to a terminal.
 */
@NullMarked
package io.farrier.cli;

import org.jspecify.annotations.NullMarked;
