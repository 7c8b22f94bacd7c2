/**
 * Adapter: a container runtime and its daemon. Docker and containerd are two implementations of one contract, proven by
 * one contract kit.
 */
@NullMarked
package io.farrier.runtime;

import org.jspecify.annotations.NullMarked;
