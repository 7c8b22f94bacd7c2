/**
 * Pure: the endpoints a container runtime will try for an image, in order, with rewrites, trust and proxy. Law: what is
 * predicted here is what instrumented registries saw from the real dockerd and containerd.
 */
@NullMarked
package io.farrier.route;

import org.jspecify.annotations.NullMarked;
