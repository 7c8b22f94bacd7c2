package io.farrier.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class YamlFileTest {
    private static final Path FILE = Path.of("f.yaml");

    @Test
    void aKeyCountsOnce() {
        assertThat(problems("a: 1\nb: 2\na: 3\n"))
                .containsExactly("f.yaml:3: key 'a' is already in line 1; only one of them can count");
    }

    @Test
    void aSyntaxErrorHasLineAndColumn() {
        assertThat(problems("a: 1\nb: [1, 2\nc: 3\n"))
                .containsExactly("f.yaml:3: is not YAML at column 2: while parsing a flow sequence:"
                        + " expected ',' or ']', but got :");
        assertThat(problems("a: 1\n\tb: 2\n"))
                .singleElement()
                .asString()
                .startsWith("f.yaml:2: is not YAML at column 1");
    }

    @Test
    void thereIsOneDocument() {
        assertThat(problems("a: 1\n---\nb: 2\n")).singleElement().asString().contains("but found another document");
    }

    @Test
    void textIsUtf8() {
        assertThat(problems("name: Gr\u00fcn".getBytes(StandardCharsets.ISO_8859_1)))
                .containsExactly("f.yaml: is not UTF-8 text");
        assertThat(problems("name: Gr\u00fcn".getBytes(UTF_8))).isEmpty();
        assertThat(problems("name: \u0007")).singleElement().asString().contains("special characters are not allowed");
    }

    @Test
    void tagsMakeNoObjects() {
        assertThat(problems("a: !!javax.script.ScriptEngineManager [x]\n"))
                .singleElement()
                .asString()
                .startsWith("f.yaml:1: ")
                .contains("ScriptEngineManager");
        assertThat(problems("a: !mine b\n"))
                .containsExactly("f.yaml:1: tag '!mine' is not allowed; write the plain value");
    }

    @Test
    void aBillionLaughsEndEarly() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            bomb.append(
                    "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1, i - 1));
        }

        assertThat(problems(bomb.toString()))
                .containsExactly("f.yaml:1: aliases make more than 50000 values of this file");
    }

    @Test
    void aValueThatHoldsItselfEnds() {
        assertThat(problems("a: &a [*a]\n")).containsExactly("f.yaml:1: is nested more than 30 levels deep");
    }

    @Test
    void depthAndSizeAreBounded() {
        assertThat(problems("a: " + "[".repeat(10_000)))
                .singleElement()
                .asString()
                .contains("Nesting Depth exceeded max 30");
        assertThat(problems("#".repeat(YamlFile.MAX_BYTES + 1)))
                .containsExactly("f.yaml: is larger than 1048576 bytes");
    }

    @Test
    void anAliasIsTheValueItNames() {
        List<Problem> problems = new ArrayList<>();
        Yaml.Mapping said = YamlFile.parse(FILE, "a: &x [1]\nb: *x\n".getBytes(UTF_8), problems);

        assertThat(said.find("b").orElseThrow().content()).isEqualTo(List.of("1"));
        assertThat(problems).isEmpty();
    }

    private static List<String> problems(String yaml) {
        return problems(yaml.getBytes(UTF_8));
    }

    private static List<String> problems(byte[] yaml) {
        List<Problem> problems = new ArrayList<>();
        YamlFile.parse(FILE, yaml, problems);
        return problems.stream().map(Problem::toString).toList();
    }
}
