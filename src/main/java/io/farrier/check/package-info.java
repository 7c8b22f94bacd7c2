/**
 * Work: one class per question to the node. A check that cannot know says UNKNOWN, never OK.
 */
@NullMarked
package io.farrier.check;

import org.jspecify.annotations.NullMarked;
