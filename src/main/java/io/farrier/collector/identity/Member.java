package io.farrier.collector.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * A node that came with a join token.
 *
 * @param key what stands for the node's own secret, SHA-256 in hex
 * @param invitation by which it came
 * @param from the address it came from
 * @param token SHA-256 of the token that it feeds with; empty until it has one
 */
public record Member(
        NodeName node,
        String key,
        String invitation,
        String from,
        Instant since,
        Standing standing,
        Optional<String> token) {
    /** How far it has come. */
    public enum Standing {
        PENDING,
        APPROVED,
        JOINED
    }

    Member approved() {
        return new Member(node, key, invitation, from, since, Standing.APPROVED, token);
    }

    Member joined(String tokenHash) {
        return new Member(node, key, invitation, from, since, Standing.JOINED, Optional.of(tokenHash));
    }

    JsonNode toJson() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("node", node.value())
                .put("key", key)
                .put("invitation", invitation)
                .put("from", from)
                .put("since", since.toString())
                .put("standing", standing.name());
        token.ifPresent(hash -> json.put("token", hash));
        return json;
    }

    static Member fromJson(JsonNode json) {
        return new Member(
                new NodeName(json.required("node").asText()),
                json.required("key").asText(),
                json.required("invitation").asText(),
                json.required("from").asText(),
                Instant.parse(json.required("since").asText()),
                Standing.valueOf(json.required("standing").asText()),
                Optional.ofNullable(json.get("token")).map(JsonNode::asText));
    }
}
