/**
 * Port: the only room that makes keys and certificates, and the only one that sees Bouncy Castle; off the agent's
 * start path. Law: a certificate it issues is one that Go's verifier accepts (names in the SAN, never in the CN alone),
 * and a key leaves it only as a {@link io.farrier.secret.Secret}.
 */
@NullMarked
package io.farrier.pki.issue;

import org.jspecify.annotations.NullMarked;
