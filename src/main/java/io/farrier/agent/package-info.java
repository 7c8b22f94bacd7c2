/**
 * Edge: the daemon on a node: lanes, uplink, control socket. It moves things between timers, threads and the feed.
 */
@NullMarked
package io.farrier.agent;

import org.jspecify.annotations.NullMarked;
