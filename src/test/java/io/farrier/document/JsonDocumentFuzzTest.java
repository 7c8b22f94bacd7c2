package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Foreign bytes either are a document that another library reads alike, or a clean refusal. */
final class JsonDocumentFuzzTest {
    private static final JsonMapper JUDGE = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .build();

    @FuzzTest(maxDuration = "30s")
    void acceptsOnlyJsonAndGivesItBack(byte[] bytes) throws IOException {
        JsonDocument document;
        try {
            document = JsonDocument.parse(bytes);
        } catch (InvalidDocumentException refused) {
            assertThat(refused).hasMessageNotContaining("null");
            return;
        }
        assertThat(document.bytes()).isEqualTo(bytes);
        assertThat(JUDGE.readTree(bytes).size()).isEqualTo(document.keys().size());
        JsonDocument more = document.with("farrier-fuzz", new JsonValue.Bool(true));
        assertThat(JUDGE.readTree(more.bytes()).get("farrier-fuzz").isBoolean()).isTrue();
    }
}
