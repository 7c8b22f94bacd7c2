package io.farrier.collector.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Topic;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * What the list of nodes needs of a state, counted once when it arrives: a fleet's container tables are too large to be
 * read for each look at the list.
 *
 * @param summary JSON object: the whole data of {@link Topic#NODE}; of the others how many there are ({@code total}) and
 *     how many in which state, such as {@code {"total":3,"running":2,"exited":1}}
 */
public record StateSummary(NodeName node, Topic topic, Instant received, String summary) {
    /** Ours are words like {@code running}; others' are not counted by name. */
    private static final Pattern WORD = Pattern.compile("[a-z_]{1,24}");

    private static final int MAX_WORDS = 16;

    static String of(Topic topic, JsonNode data) {
        return switch (topic) {
            case NODE -> data.toString();
            case CONTAINERS -> count(data.path("containers"), "state");
            case IMAGES -> count(data.path("images"), "state");
            case REGISTRIES -> count(data.path("registries"), "trust");
            case FINDINGS -> count(data.path("findings"), "severity");
            case OUTCOME -> "{}";
        };
    }

    private static String count(JsonNode items, String field) {
        ObjectNode counts = JsonNodeFactory.instance.objectNode();
        counts.put("total", items.size());
        for (JsonNode item : items) {
            String word = item.path(field).asText();
            if (WORD.matcher(word).matches() && (counts.has(word) || counts.size() <= MAX_WORDS)) {
                counts.put(word, counts.path(word).asInt() + 1);
            }
        }
        return counts.toString();
    }
}
