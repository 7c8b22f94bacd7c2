/**
 * Port: HTTP, gRPC and WebSocket over tcp, tls and unix sockets. Vert.x stays inside. {@code call} blocks with a
 * deadline and refuses to run on an event loop. How long to leave alone who did not answer.
 */
@NullMarked
package io.farrier.transport;

import org.jspecify.annotations.NullMarked;
