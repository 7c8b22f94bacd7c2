/**
 * Port: keys, CAs and certificates that farrier makes. The only room that sees Bouncy Castle.
 */
@NullMarked
package io.farrier.pki.issue;

import org.jspecify.annotations.NullMarked;
