/**
 * Work: what farrier keeps true for a containerd of its own, without k3s or RKE2: hosts.toml and the files it names.
 */
@NullMarked
package io.farrier.keep.containerd;

import org.jspecify.annotations.NullMarked;
