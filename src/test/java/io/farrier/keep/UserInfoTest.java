package io.farrier.keep;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UserInfoTest {
    @ParameterizedTest
    @CsvSource({
        "https://u:secret@a.example:5000/v2, https://***@a.example:5000/v2",
        "https://token@a.example, https://***@a.example",
        "u:secret@a.example:5000, ***@a.example:5000",
        "'[\"u:secret@a.example\", \"b.example\"]', '[\"***@a.example\", \"b.example\"]'",
        "'a -> http://u:secret@p, b:c@d', 'a -> http://***@p, ***@d'",
        "proxy=u:secret@p.example, ***@p.example",
        "a.example:5000/busybox@sha256:0a1b, a.example:5000/busybox@sha256:0a1b",
        "a.example:5000, a.example:5000",
        "someone@example.org wrote it, someone@example.org wrote it"
    })
    void isMaskedAndNothingElse(String text, String shown) {
        assertThat(UserInfo.masked(text)).isEqualTo(shown);
    }
}
