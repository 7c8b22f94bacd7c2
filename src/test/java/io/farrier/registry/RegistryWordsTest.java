package io.farrier.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RegistryWordsTest {
    @Test
    void codeAndMessageOfTheFirstError() {
        assertThat(RegistryWords.of(errors("{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob\\u0007 unknown\"},{}")))
                .hasValue("BLOB_UNKNOWN blob  unknown");
    }

    /** As distribution 2.8 answered on a full file system. */
    @Test
    void aFullDiskIsNamed() {
        assertThat(
                        RegistryWords.of(
                                errors(
                                        "{\"code\":\"UNKNOWN\",\"message\":\"unknown error\",\"detail\":"
                                                + "{\"DriverName\":\"filesystem\",\"Enclosed\":{\"Op\":\"mkdir\",\"Path\":\"/r\",\"Err\":28}}}")))
                .hasValue("UNKNOWN unknown error, no space left on device: its own disk is full");
    }

    @Test
    void whatIsNoAnswerOfARegistrySaysNothing() {
        assertThat(RegistryWords.of("404 page not found".getBytes(UTF_8))).isEmpty();
        assertThat(RegistryWords.of(errors(""))).isEmpty();
        assertThat(RegistryWords.of(new byte[0])).isEmpty();
    }

    /** No registry nests its details so; whoever does wants to see what becomes of the reader. */
    @Test
    void whatIsNestedDeeplySaysNothing() {
        assertThat(RegistryWords.of(errors("{\"code\":\"A\",\"detail\":" + "[".repeat(100) + "]".repeat(100) + "}")))
                .isEmpty();
    }

    @Test
    void aFloodIsCut() {
        assertThat(RegistryWords.of(errors("{\"code\":\"A\",\"message\":\"" + "x".repeat(10_000) + "\"}"))
                        .orElseThrow())
                .hasSize(303);
    }

    private static byte[] errors(String inside) {
        return ("{\"errors\":[" + inside + "]}").getBytes(UTF_8);
    }
}
