/**
 * Adapter: what the node and its containers use: /proc, cgroups, OSHI.
 */
@NullMarked
package io.farrier.vitals;

import org.jspecify.annotations.NullMarked;
