package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyPathTest {
    @Test
    void readsAsPeopleWriteIt() {
        assertThat(KeyPath.of("mirrors", "docker.io", "rewrite", "^\"a\\d\"$"))
                .hasToString("mirrors.\"docker.io\".rewrite.\"^\\\"a\\\\d\\\"$\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "*",
                "docker.io",
                "[2001:db8::1]:5000",
                "^(.*)$",
                "a\"b",
                "\"",
                "ends\\",
                "back\\slash",
                "",
                " ",
                "a\nb"
            })
    void isReadAgainWhateverTheKey(String key) {
        KeyPath path = KeyPath.of("mirrors", key, "endpoint");
        assertThat(KeyPath.parse(path.toString())).isEqualTo(path);
    }

    @Test
    void knowsWhatStandsAboveIt() {
        KeyPath path = KeyPath.of("a", "b", "c");
        assertThat(path.parents()).containsExactly(KeyPath.of("a"), KeyPath.of("a", "b"));
        assertThat(KeyPath.of("a", "b").holds(path)).isTrue();
        assertThat(path.holds(KeyPath.of("a", "b"))).isFalse();
    }

    @Test
    void isOrderedKeyByKey() {
        KeyPath path = KeyPath.of("a", "b");
        assertThat(path).isGreaterThan(KeyPath.of("a"));
        assertThat(path).isLessThan(KeyPath.of("a", "b", "c"));
        assertThat(path).isLessThan(KeyPath.of("a.b"));
        assertThat(path).isEqualByComparingTo(KeyPath.of("a", "b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a..b", "a.\"b", "a b", "a.", "\"a\\", "\"a\\\"", "é"})
    void niceErrorOnWhatIsNone(String text) {
        assertThatThrownBy(() -> KeyPath.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
