/**
 * Port: the node below its root: files (atomic, root-relative), commands, processes, the node lock.
 */
@NullMarked
package io.farrier.node;

import org.jspecify.annotations.NullMarked;
