package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Foreign bytes either are a document that is given back as it is, or a clean refusal; an edit means what was asked. */
final class TomlDocumentFuzzTest {
    private static final KeyPath OURS = KeyPath.of("host", "https://farrier.fuzz", "ca");

    @FuzzTest(maxDuration = "30s")
    void isGivenBackOrRefused(byte[] bytes) {
        try {
            TomlDocument document = TomlDocument.parse(bytes);
            assertThat(document.bytes()).isEqualTo(bytes);
            TomlDocument more = document.with(OURS, new JsonValue.Text("/ca"));
            assertThat(TomlDocument.parse(more.bytes()).get(OURS)).contains(new JsonValue.Text("/ca"));
            assertThat(more.without(OURS).get(OURS)).isEmpty();
        } catch (InvalidDocumentException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        }
    }
}
