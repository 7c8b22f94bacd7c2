package io.farrier.ledger;

import java.time.Instant;

/** The node was given back. The agent only watches it until an apply by hand, or another configuration. */
public record Released(Instant at, By by) {}
