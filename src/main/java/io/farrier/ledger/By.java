package io.farrier.ledger;

/**
 * Who changes a node, for the auditor.
 *
 * @param who the agent, or the login that called a verb
 * @param verb {@code agent}, {@code apply}, {@code restore}
 * @param version of farrier
 * @param configuration fingerprint of the configuration that was applied
 */
public record By(String who, String verb, String version, String configuration) {}
