package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonDocumentTest {
    private static final Path GOLDEN = Path.of("src/test/resources/io/farrier/document/daemon-json");

    /** What every golden folder asks for: one element more, one key changed or added. */
    private static JsonDocument trusted(JsonDocument document) {
        return document.withElement("insecure-registries", "registry.example:5000")
                .with("live-restore", new JsonValue.Bool(true));
    }

    static Stream<Path> goldenFiles() throws Exception {
        try (Stream<Path> files = Files.list(GOLDEN.resolve("before"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void changesOnlyWhatWasAsked(Path before) throws Exception {
        JsonDocument after = trusted(JsonDocument.parse(Files.readAllBytes(before)));
        assertThat(text(after))
                .isEqualTo(Files.readString(GOLDEN.resolve("after").resolve(before.getFileName())));
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void isTheSameDocumentWhenAskedAgain(Path before) throws Exception {
        JsonDocument after = trusted(JsonDocument.parse(Files.readAllBytes(before)));
        assertThat(trusted(after)).isSameAs(after);
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void givesBackTheBytesWhenAKeyGoesAgain(Path before) throws Exception {
        JsonDocument document = JsonDocument.parse(Files.readAllBytes(before));
        JsonDocument there = document.with("dns", JsonValue.of(List.of("10.0.0.10")));
        assertThat(text(there)).isNotEqualTo(text(document));
        assertThat(text(there.without("dns"))).isEqualTo(text(document));
    }

    @ParameterizedTest(name = "{0} with b is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                       | `{\n  \"b\": 1\n}`",
                "{ }                      | { \"b\": 1 }",
                "{\"a\":1}                | {\"a\":1, \"b\":1}",
                "{\"a\" : 1}              | {\"a\" : 1, \"b\" : 1}",
                "`{\n\t\"a\": 1\n}`       | `{\n\t\"a\": 1,\n\t\"b\": 1\n}`",
                "`{\r\n \"a\": 1\r\n}\r\n`| `{\r\n \"a\": 1,\r\n \"b\": 1\r\n}\r\n`",
                "`{\"a\":1 ,\"c\":2 }`    | `{\"a\":1 ,\"c\":2,\"b\":1 }`",
            })
    void takesItsStyleFromWhatIsThere(String before, String after) throws Exception {
        JsonDocument document = parse(before);
        assertThat(text(document.with("b", JsonValue.of(1)))).isEqualTo(after);
        assertThat(text(document.with("b", JsonValue.of(1)).without("b"))).isEqualTo(before);
    }

    @ParameterizedTest(name = "{0} with an element is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"l\":[]}                   | {\"l\":[\"x\"]}",
                "{\"l\":[ ]}                  | {\"l\":[ \"x\" ]}",
                "`{\"l\":[\n  ]}`             | `{\"l\":[\n    \"x\"\n  ]}`",
                "{\"l\":[\"a\"]}              | {\"l\":[\"a\", \"x\"]}",
                "{\"l\":[\"a\",\"b\"]}        | {\"l\":[\"a\",\"b\",\"x\"]}",
                "`{\"l\":[\n \"a\",\n \"b\"]}`| `{\"l\":[\n \"a\",\n \"b\",\n \"x\"]}`",
            })
    void editsAListByElement(String before, String after) throws Exception {
        JsonDocument document = parse(before);
        assertThat(text(document.withElement("l", "x"))).isEqualTo(after);
        assertThat(text(document.withElement("l", "x").withoutElement("l", "x")))
                .isEqualTo(before);
    }

    @Test
    void removesTheFirstAndTheMiddleOne() throws Exception {
        JsonDocument document = parse("{\"a\": 1,\n \"b\": 2,\n \"c\": 3}");
        assertThat(text(document.without("a"))).isEqualTo("{\"b\": 2,\n \"c\": 3}");
        assertThat(text(document.without("b"))).isEqualTo("{\"a\": 1,\n \"c\": 3}");
    }

    @Test
    void whiteSpaceAndKeyOrderInsideAValueAreNoDifference() throws Exception {
        JsonDocument document = parse("{\"log-opts\": {\"max-size\":\"50m\",\n  \"max-file\" : \"3\"}}");
        JsonValue same = JsonValue.of(Map.of("max-file", "3", "max-size", "50m"));
        assertThat(document.with("log-opts", same)).isSameAs(document);
    }

    @Test
    void aNumberIsTheSameHoweverItIsSpelled() throws Exception {
        JsonDocument document = parse("{\"mtu\": 1.5e3}");
        assertThat(document.with("mtu", JsonValue.of(1500))).isSameAs(document);
    }

    @Test
    void keepsAByteOrderMark() throws Exception {
        JsonDocument document = parse("\uFEFF{\"a\":1}");
        assertThat(document.hasByteOrderMark()).isTrue();
        assertThat(document.with("b", JsonValue.of(2)).bytes()).startsWith(0xEF, 0xBB, 0xBF);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                     | line 1, column 1 is not JSON: expected '{' but the file is empty (dockerd says: EOF)",
                "`  \n`                 | line 2, column 1 is not JSON: expected '{' but the file is empty (dockerd says: EOF)",
                "`{\n \"a\": 1\n \"b\": 2}` | line 3, column 2 is not JSON: expected ',' or '}' but was '\"' (dockerd says: invalid character '\"' after object key:value pair)",
                "{\"a\": 1,}            | line 1, column 9 is not JSON: expected a key in double quotes but was '}' (dockerd says: invalid character '}' looking for beginning of object key string)",
                "`{ // why\n}`          | line 1, column 3 is not JSON: expected a key in double quotes but was '/' (JSON has no comments) (dockerd says: invalid character '/' looking for beginning of object key string)",
                "{\"a\": [1 2]}         | line 1, column 10 is not JSON: expected ',' or ']' but was '2' (dockerd says: invalid character '2' after array element)",
                "{\"a\": tru}           | line 1, column 10 is not JSON: expected 'true' but was '}' (dockerd says: invalid character '}' in literal true (expecting 'e'))",
                "{\"a\": 01}            | line 1, column 8 is not JSON: expected ',' or '}' but was '1' (dockerd says: invalid character '1' after object key:value pair)",
                "{\"a\": \"\\x\"}       | line 1, column 9 is not JSON: expected one of \" \\ / b f n r t u after '\\' but was 'x' (dockerd says: invalid character 'x' in string escape code)",
                "{\"a\": 1              | line 1, column 8 is not JSON: expected ',' or '}' but the file ends (dockerd says: unexpected EOF)",
                "{\"debug\":false} x    | line 1, column 17 is not JSON: expected nothing after the closing '}', where dockerd before 23.0 stops reading, but was 'x' (dockerd says: invalid character 'x' after top-level value)",
                "null                  | line 1, column 1 is not JSON: expected '{' but was null (dockerd says: nothing: to it that is no configuration)",
                "{\"a\": 1, \"a\": 2}   | line 1, column 10 is not JSON: the key \"a\" appears twice (dockerd says: nothing: it takes the last)",
                "[\"a\"]                | line 1, column 1 is not JSON: expected '{' but was a list (dockerd says: json: cannot unmarshal array into Go value of type map[string]interface {})",
            })
    void niceErrorWithLineColumnAndDockerdsWords(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessage(message);
    }

    @Test
    void niceErrorOnBytesThatAreNotText() {
        byte[] latin1 = "{\n \"a\": \"\u00fc\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> JsonDocument.parse(latin1))
                .hasMessage("line 2, column 8 is not JSON: the bytes are not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 100_000})
    void refusesWhatIsNestedTooDeep(int depth) {
        assertThatThrownBy(() -> parse("{\"a\":" + "[".repeat(depth)))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("nested more than 64 deep");
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThatThrownBy(() -> JsonDocument.parse(new byte[JsonDocument.MAX_BYTES + 1]))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessage("it has 1048577 bytes; at most 1048576 are expected");
    }

    private static JsonDocument parse(String text) throws InvalidDocumentException {
        return JsonDocument.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(JsonDocument document) {
        return new String(document.bytes(), StandardCharsets.UTF_8);
    }
}
