/**
 * Work: what farrier keeps true for k3s and RKE2: registries.yaml and the files it names. What they generate from it is
 * never edited.
 */
@NullMarked
package io.farrier.keep.rancher;

import org.jspecify.annotations.NullMarked;
