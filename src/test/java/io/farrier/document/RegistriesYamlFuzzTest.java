package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Foreign bytes either are a document that is given back as it is, or a clean refusal; an edit means what was asked. */
final class RegistriesYamlFuzzTest {
    private static final KeyPath OURS = KeyPath.of("configs", "farrier-fuzz", "tls", "ca_file");

    @FuzzTest(maxDuration = "30s")
    void isGivenBackOrRefused(byte[] bytes) {
        try {
            RegistriesYaml document = RegistriesYaml.parse(bytes);
            assertThat(document.bytes()).isEqualTo(bytes);
            RegistriesYaml more = document.with(OURS, new JsonValue.Text("/ca"));
            assertThat(RegistriesYaml.parse(more.bytes()).get(OURS)).contains(new JsonValue.Text("/ca"));
            assertThat(more.without(OURS).get(OURS)).isEmpty();
        } catch (InvalidDocumentException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        }
    }
}
