package io.farrier.collector.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a join token may do: let some nodes in for some time, and nothing else. Its secret is random and long, so its
 * plain hash is kept.
 *
 * @param id names it for the operator; not secret
 * @param token SHA-256 of the secret, lower-case hex
 * @param uses how many nodes may join by it
 * @param nodes a pattern of node names, with {@code *} for any characters
 * @param from the network they must come from, empty for any
 * @param approval whether a node waits until the operator has said yes to it by name
 */
public record Invitation(
        String id, String token, Instant expires, int uses, String nodes, Optional<Network> from, boolean approval) {
    /** A group of machines that is made in one go. */
    public static final int MAX_USES = 10_000;

    /** Whoever needs longer makes a new one; user-data can be read by every pod of the node. */
    public static final Duration MAX_VALIDITY = Duration.ofDays(90);

    private static final Pattern NODES = Pattern.compile("[A-Za-z0-9._*-]{1,253}");

    /** What the operator allows. */
    public record Terms(Duration valid, int uses, String nodes, Optional<Network> from, boolean approval) {
        /** @throws IllegalArgumentException with a sentence */
        public Terms {
            if (valid.isNegative() || valid.isZero() || valid.compareTo(MAX_VALIDITY) > 0) {
                throw new IllegalArgumentException("an invitation is valid for 1 s to " + MAX_VALIDITY.toDays() + " d");
            }
            if (uses < 1 || uses > MAX_USES) {
                throw new IllegalArgumentException("an invitation is for 1 to " + MAX_USES + " nodes");
            }
            if (!NODES.matcher(nodes).matches()) {
                throw new IllegalArgumentException(
                        "not a pattern of node names: expected [A-Za-z0-9._-] and * for any of them");
            }
        }
    }

    boolean isFor(NodeName node) {
        String literal = Pattern.quote(nodes).replace("*", "\\E.*\\Q");
        return Pattern.matches(literal, node.value());
    }

    boolean isOverAt(Instant now) {
        return !now.isBefore(expires);
    }

    JsonNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("token", token)
                .put("expires", expires.toString())
                .put("uses", uses)
                .put("nodes", nodes)
                .put("approval", approval);
        from.ifPresent(network -> json.put("from", network.toString()));
        return json;
    }

    static Invitation fromJson(JsonNode json) {
        return new Invitation(
                json.required("id").asText(),
                json.required("token").asText(),
                Instant.parse(json.required("expires").asText()),
                json.required("uses").asInt(),
                json.required("nodes").asText(),
                Optional.ofNullable(json.get("from")).map(JsonNode::asText).map(Network::parse),
                json.required("approval").asBoolean());
    }
}
