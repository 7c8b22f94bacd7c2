/**
 * Adapter: containerd through CRI (v1, else v1alpha2) over its Unix socket. Kubernetes images live in namespace k8s.io.
 */
@NullMarked
package io.farrier.runtime.containerd;

import org.jspecify.annotations.NullMarked;
