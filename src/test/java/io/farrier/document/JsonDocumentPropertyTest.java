package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random documents in random styles; another JSON library is the judge of what they mean. */
final class JsonDocumentPropertyTest {
    private static final int DOCUMENTS = 1_000;
    private static final ObjectMapper JUDGE = new ObjectMapper();

    @Test
    void onlyOurKeyChangesAndRemovingItGivesBackTheBytes() throws Exception {
        long first = new Random().nextLong();
        for (long seed = first; seed < first + DOCUMENTS; seed++) {
            String text = new RandomJson(new Random(seed)).document();
            byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            JsonDocument before = JsonDocument.parse(bytes);
            assertThat(before.bytes()).as("seed %d", seed).isEqualTo(bytes);

            JsonDocument after = before.with("ours", JsonValue.of(List.of("a", "b")));
            assertThat(withoutOurs(after.bytes())).as("seed %d", seed).isEqualTo(JUDGE.readTree(bytes));
            assertThat(after.without("ours").bytes())
                    .as("seed %d: %s", seed, text)
                    .isEqualTo(bytes);

            JsonDocument listed = before.withElement("list", "ours:5000");
            assertThat(JUDGE.readTree(listed.bytes()).get("list").findValuesAsText(""))
                    .as("seed %d", seed)
                    .isEmpty();
            assertThat(listed.get("list").map(JsonValue::text).orElse(""))
                    .as("seed %d", seed)
                    .contains("\"ours:5000\"");
            JsonDocument unlisted = before.get("list").isPresent()
                    ? listed.withoutElement("list", "ours:5000")
                    : listed.without("list");
            assertThat(unlisted.bytes()).as("seed %d: %s", seed, text).isEqualTo(bytes);
        }
    }

    private static JsonNode withoutOurs(byte[] bytes) throws Exception {
        ObjectNode node = (ObjectNode) JUDGE.readTree(bytes);
        assertThat(node.remove("ours")).isEqualTo(JUDGE.readTree("[\"a\",\"b\"]"));
        return node;
    }
}
