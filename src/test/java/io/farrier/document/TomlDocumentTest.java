package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TomlDocumentTest {
    private static final int DOCUMENTS = 1_000;
    private static final KeyPath SERVER = KeyPath.of("server");
    private static final KeyPath HOST_CA = KeyPath.of("host", "https://m.example", "ca");

    @ParameterizedTest(name = "{0} with our keys is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                               | `server = \"s\"\n[host.\"https://m.example\"]\nca = [\"c\"]\n`",
                "`# only a comment`               | `# only a comment\nserver = \"s\"\n[host.\"https://m.example\"]\nca = [\"c\"]`",
                "`a = 1 # one\n\n[t]\nb = 2\n`    | `a = 1 # one\nserver = \"s\"\n\n[t]\nb = 2\n[host.\"https://m.example\"]\nca = [\"c\"]\n`",
                "`# top\n\n# of t\n[t]\nb = 2\n`  | `# top\n\nserver = \"s\"\n# of t\n[t]\nb = 2\n[host.\"https://m.example\"]\nca = [\"c\"]\n`",
                "`server = 's' # mine\r\n`        | `server = 's' # mine\r\n[host.\"https://m.example\"]\r\nca = [\"c\"]\r\n`",
                "`[host.'https://m.example']\n  skip_verify = true\n\n[x]` | `server = \"s\"\n[host.'https://m.example']\n  skip_verify = true\nca = [\"c\"]\n\n[x]`",
                "`[host.\"https://m.example\"]\nca = [\n  \"a\", # first\n  \"b\",\n]\n` | `server = \"s\"\n[host.\"https://m.example\"]\nca = [\n  \"a\", # first\n  \"b\",\n  \"c\",\n]\n`",
            })
    void changesOnlyWhatWasAsked(String before, String after) throws Exception {
        TomlDocument document = parse(before);
        TomlDocument edited = ours(document);
        assertThat(text(edited)).isEqualTo(after);
        assertThat(ours(edited)).isSameAs(edited);
        assertThat(text(withoutOurs(edited, document))).isEqualTo(before);
    }

    private static TomlDocument ours(TomlDocument document) throws InvalidDocumentException {
        return document.with(SERVER, new JsonValue.Text("s")).withElement(HOST_CA, "c");
    }

    private static TomlDocument withoutOurs(TomlDocument edited, TomlDocument before) throws InvalidDocumentException {
        TomlDocument left = edited;
        left = before.get(HOST_CA).isPresent() ? left.withoutElement(HOST_CA, "c") : left.without(HOST_CA);
        KeyPath table = KeyPath.of("host", "https://m.example");
        left = before.get(table).isPresent() ? left : left.without(table);
        return before.get(SERVER).isPresent() ? left : left.without(SERVER);
    }

    @Test
    void readsAllThatTomlHas() throws Exception {
        TomlDocument document = parse("""
                title = "a \\"b\\" \\u00fc \\U0001F600"
                'quoted key' = 'C:\\path'
                a.b."c.d" = [1, 0x1F, 1_000, 3.14, inf, 1979-05-27T07:32:00Z, 1979-05-27 07:32:00]
                multi = \"""
                one \\
                   two
                three\"""
                raw = '''
                x''y'''
                point = { x = 1, y.z = "2" }
                [[plugins]]
                name = "a"
                [[plugins]]
                name = "b"
                [deep . "er" ]
                empty = []
                """);
        assertThat(document.get(KeyPath.of("title")).map(JsonValue::text))
                .contains("\"a \\\"b\\\" \u00fc \ud83d\ude00\"");
        assertThat(document.get(KeyPath.of("quoted key"))).contains(new JsonValue.Text("C:\\path"));
        assertThat(document.get(KeyPath.of("a", "b", "c.d")).map(JsonValue::text))
                .contains(
                        "[1, \"0x1F\", \"1_000\", \"3.14\", \"inf\", \"1979-05-27T07:32:00Z\", \"1979-05-27 07:32:00\"]");
        assertThat(document.get(KeyPath.of("multi"))).contains(new JsonValue.Text("one two\nthree"));
        assertThat(document.get(KeyPath.of("raw"))).contains(new JsonValue.Text("x''y"));
        assertThat(document.get(KeyPath.of("point")).map(JsonValue::text))
                .contains("{\"x\": 1, \"y\": {\"z\": \"2\"}}");
        assertThat(document.get(KeyPath.of("deep", "er", "empty")).map(JsonValue::text))
                .contains("[]");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`a = 1\nb = x`      | line 2, column 5: this is not TOML: expected a value, but this is a word without quotes",
                "`a = `              | line 1, column 5: this is not TOML: expected a value but the file ends",
                "`a = 'x`            | line 1, column 5: this is not TOML: this text has no closing '",
                "`a = \"x\ny\"`      | line 1, column 5: this is not TOML: this text has no closing \"",
                "`a = [1, 2`         | line 1, column 10: this is not TOML: expected ',' or ']' but the file ends",
                "`a = [1 2]`         | line 1, column 8: this is not TOML: expected ',' or ']' but was '2'",
                "`a = 1 b = 2`       | line 1, column 7: this is not TOML: expected the end of the line but was 'b'",
                "`[t`                | line 1, column 3: this is not TOML: expected ']' but the file ends",
                "`a: 1`              | line 1, column 2: this is not TOML: expected '=' but was ':'",
                "`a = 1\na = 2`      | line 2, column 1: this is not TOML: the key 'a' appears twice",
                "`[t]\n[t]`          | line 2, column 1: this is not TOML: the table [t] appears twice",
                "`a = \"\\x\"`       | line 1, column 6: this is not TOML: expected one of b t n f r \" \\ u U behind '\\'",
                "`a = 1\n[a]\nb = 2` | line 3, column 1: this is not TOML: 'a' is no table",
            })
    void niceErrorWithLineAndColumn(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host = { \"https://m.example\" = { skip_verify = true } }\n",
                "[host]\n\"https://m.example\" = { skip_verify = true }\n",
                "[[host]]\nx = 1\n",
            })
    void readsButDoesNotEditWhatStandsInOneLine(String text) throws Exception {
        TomlDocument document = parse(text);
        assertThatThrownBy(() -> document.withElement(HOST_CA, "c"))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessageContaining("cannot be edited here");
    }

    @Test
    void onlyOurKeysChangeAndRemovingThemGivesBackTheBytes() throws Exception {
        long first = new Random().nextLong();
        for (long seed = first; seed < first + DOCUMENTS; seed++) {
            String text = random(new Random(seed));
            TomlDocument document = parse(text);
            assertThat(text(document)).as("seed %d", seed).isEqualTo(text);
            TomlDocument edited = ours(document);
            assertThat(edited.get(HOST_CA)).as("seed %d:\n%s", seed, text).isPresent();
            assertThat(text(withoutOurs(edited, document)))
                    .as("seed %d:\n%s", seed, text(edited))
                    .isEqualTo(text);
        }
    }

    private static String random(Random random) {
        List<String> ends = List.of("\n", "\n", "\r\n");
        String end = ends.get(random.nextInt(ends.size()));
        StringBuilder text = new StringBuilder();
        idle(random, text, end);
        text.append(random.nextBoolean() ? "" : "server = 's'" + pick(random, "", " # c") + end);
        idle(random, text, end);
        for (int i = random.nextInt(3); i > 0; i--) {
            text.append(pick(random, "", "  "))
                    .append("[host.\"https://h")
                    .append(i)
                    .append("\"]")
                    .append(end);
            text.append(
                    pick(random, "", "  ca = [\"x\"]" + end, "capabilities = [" + end + " 'pull'," + end + "]" + end));
            idle(random, text, end);
        }
        if (random.nextBoolean()) {
            text.append("[host.'https://m.example']").append(end);
            text.append(pick(
                    random,
                    "",
                    "\tca = [ \"a\" ]" + end,
                    "ca = [" + end + "  \"a\"," + end + "  \"b\"" + end + "]" + end,
                    "ca = [\"c1\", \"c2\"] # c" + end));
        }
        boolean cut = random.nextInt(4) == 0;
        return cut ? text.toString().replaceFirst("\r?\n$", "") : text.toString();
    }

    private static void idle(Random random, StringBuilder text, String end) {
        for (int i = random.nextInt(3); i > 0; i--) {
            text.append(pick(random, "", "# [not.a.table]", "  # x = 1", " ")).append(end);
        }
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static TomlDocument parse(String text) throws InvalidDocumentException {
        return TomlDocument.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(TomlDocument document) {
        return new String(document.bytes(), StandardCharsets.UTF_8);
    }
}
