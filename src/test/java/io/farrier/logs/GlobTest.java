package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "a*c, abbc, true",
        "a*c, abbd, false",
        "*, anything, true",
        "*, with/slash, false",
        "*/*, with/slash, true",
        "a**b, a-b, true",
        "'', '', true",
        "a, '', false",
        "*a*b, xaxxb, true",
    })
    void aStarStandsForAnythingButASlash(String pattern, String text, boolean matches) {
        assertThat(Glob.matchesWithinParts(pattern, text)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({"*, with/slash, true", "r*/c:1, r/b/c:1, true", "r*/d:1, r/b/c:1, false", "a*b*c, a/b/b, false"})
    void orForAnythingAtAll(String pattern, String text, boolean matches) {
        assertThat(Glob.matches(pattern, text)).isEqualTo(matches);
    }
}
