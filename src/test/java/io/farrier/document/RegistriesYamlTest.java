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

final class RegistriesYamlTest {
    static final Path GOLDEN = Path.of("src/test/resources/io/farrier/document/registries-yaml");

    private static final KeyPath OURS = KeyPath.of("configs", "ours:1", "tls", "ca_file");

    static Stream<Path> goldenFiles() throws Exception {
        try (Stream<Path> files = Files.list(GOLDEN.resolve("after"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void changesOnlyWhatWasAsked(Path after) throws Exception {
        assertThat(text(Trusted.of(golden(after)))).isEqualTo(Files.readString(after));
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void isTheSameDocumentWhenAskedAgain(Path after) throws Exception {
        RegistriesYaml once = Trusted.of(golden(after));
        assertThat(Trusted.of(once)).isSameAs(once);
    }

    @ParameterizedTest
    @MethodSource("goldenFiles")
    void givesBackTheBytesWhenAKeyGoesAgain(Path after) throws Exception {
        RegistriesYaml document = golden(after);
        RegistriesYaml there = document.with(OURS, new JsonValue.Text("/etc/ca.crt"));
        assertThat(text(there)).isNotEqualTo(text(document));
        // What was "~" comes back as nothing.
        assertThat(text(withoutOurs(there, document)))
                .isEqualTo(text(document).replaceFirst("configs: null", "configs:"));
    }

    /** Removes the key, and what was made above it. */
    private static RegistriesYaml withoutOurs(RegistriesYaml there, RegistriesYaml before) throws Exception {
        RegistriesYaml left = there.without(OURS);
        List<KeyPath> above = OURS.parents();
        for (int i = above.size() - 1; i >= 0; i--) {
            left = before.get(above.get(i)).isPresent() ? left : left.without(above.get(i));
        }
        return left;
    }

    private static RegistriesYaml golden(Path after) throws Exception {
        return RegistriesYaml.parse(Files.readAllBytes(GOLDEN.resolve("before").resolve(after.getFileName())));
    }

    @Test
    void makesAFileFromNothing() throws Exception {
        assertThat(text(Trusted.of(RegistriesYaml.empty()))).isEqualTo("""
                mirrors:
                  docker.io:
                    endpoint:
                      - "https://reg.example:5000/proxy"
                    rewrite:
                      "^rancher/(.*)": "mirrors/$1"
                  "reg.example:5000":
                    endpoint:
                      - "https://reg.example:5000"
                configs:
                  "reg.example:5000":
                    auth:
                      username: "robot"
                      password: "s\\"e\\\\c'r#t: \u00fc"
                    tls:
                      insecure_skip_verify: true
                """);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "18-unquoted-star | line 2, column 4: this is not YAML: while scanning an alias, unexpected character found :(58)",
                "21-duplicate-top-key | line 4, column 1: the key 'mirrors' appears twice; only one of them counts",
                "22-duplicate-endpoint | line 4, column 5: the key 'endpoint' appears twice; only one of them counts",
                "23-tab-indent | line 2, column 1: this is not YAML: while scanning for the next token, found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)",
                "26-endpoint-is-a-text | line 3, column 15: 'mirrors.\"docker.io\".endpoint' must be a list of texts; k3s does not start with it",
                "27-mirrors-is-a-list | line 2, column 3: 'mirrors' must be a map; k3s does not start with it",
                "28-flag-in-quotes | line 4, column 29: 'configs.\"reg.example\".tls.insecure_skip_verify' must be true or false; k3s does not start with it",
                "31-trailing-garbage | line 6, column 1: this is not YAML: while scanning a simple key, could not find expected ':'",
                "35-second-document | line 4, column 1: a second document begins here, which nobody reads",
                "42-root-is-a-text | line 1, column 1: expected 'key: value' lines",
                "44-yaml-1.2-directive | line 1, column 7: found incompatible YAML document; only %YAML 1.1 is read",
                "45-tags | line 4, column 9: a tag stands here; write the plain value",
                "46-not-utf-8 | line 1, column 4: the bytes are not UTF-8",
                "48-control-character | line 3, column 34: this is not YAML: control characters are not allowed",
                "57-scalar-config | line 2, column 14: 'configs.\"a.example\"' must be a map; k3s does not start with it",
            })
    void refusesWithLineAndColumn(String file, String message) throws Exception {
        byte[] bytes = Files.readAllBytes(GOLDEN.resolve("before").resolve(file + ".yaml"));
        assertThatThrownBy(() -> RegistriesYaml.parse(bytes))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "19-anchors | line 5, column 14: 'mirrors.\"docker.io\".endpoint' cannot be edited here: an anchor or an alias stands there, and what it means is shared",
                "20-merge-keys | line 6, column 5: 'mirrors.\"docker.io\".endpoint' cannot be edited here: '<<' merges another map into it",
                "40-explicit-keys | line 3, column 5: 'mirrors.\"docker.io\".rewrite.\"^rancher/(.*)\"' cannot be edited here: something else stands in the line before it",
            })
    void readsButDoesNotEditWhatIsShared(String file, String message) throws Exception {
        RegistriesYaml document =
                RegistriesYaml.parse(Files.readAllBytes(GOLDEN.resolve("before").resolve(file + ".yaml")));
        assertThat(document.mirrors()).containsKey("docker.io");
        assertThatThrownBy(() -> Trusted.of(document))
                .isInstanceOf(InvalidDocumentException.class)
                .hasMessage(message);
    }

    @Test
    void namesTheKeysThatK3sDropsInSilence() throws Exception {
        RegistriesYaml document =
                RegistriesYaml.parse(Files.readAllBytes(GOLDEN.resolve("before/37-unknown-keys.yaml")));
        assertThat(document.ignored())
                .extracting(ignored ->
                        ignored.line() + ":" + ignored.column() + " " + ignored.path() + ": " + ignored.hint())
                .containsExactly(
                        "4:5 mirrors.\"docker.io\".override_path: It is not needed: an endpoint with a path is taken as it is.",
                        "8:7 configs.\"a.example\".auth.token: Did you mean 'identity_token'?",
                        "9:5 configs.\"a.example\".insecure: Did you mean 'tls: insecure_skip_verify'?",
                        "10:1 debug: Known here: auths, configs, mirrors.");
    }

    @Test
    void knowsItsMirrorsInOrder() throws Exception {
        RegistriesYaml document = parse("""
                mirrors:
                  docker.io:
                    endpoint: [https://b, https://a]
                    rewrite: {"^x": y}
                  quay.io:
                """);
        assertThat(document.mirrors())
                .isEqualTo(Map.of(
                        "docker.io",
                        new RegistriesYaml.Mirror(List.of("https://b", "https://a"), Map.of("^x", "y")),
                        "quay.io",
                        new RegistriesYaml.Mirror(List.of(), Map.of())));
    }

    @Test
    void knowsWhetherALoginIsInIt() throws Exception {
        assertThat(parse("configs: {a: {tls: {ca_file: x}, auth: }}").hasSecrets())
                .isFalse();
        assertThat(parse("configs: {a: {auth: {username: x}}}").hasSecrets()).isTrue();
    }

    @Test
    void aWordForTrueIsNoDifference() throws Exception {
        RegistriesYaml document = parse("configs:\n  a:\n    tls: {insecure_skip_verify: On}\n");
        KeyPath flag = KeyPath.of("configs", "a", "tls", "insecure_skip_verify");
        assertThat(document.with(flag, new JsonValue.Bool(true))).isSameAs(document);
        assertThat(text(document.with(flag, new JsonValue.Bool(false)))).contains("{insecure_skip_verify: false}");
    }

    @Test
    void removesTheFirstAndTheMiddleElement() throws Exception {
        KeyPath list = KeyPath.of("mirrors", "a", "endpoint");
        RegistriesYaml block = parse("mirrors:\n  a:\n    endpoint:\n    - x # 1\n    # 2\n    - y\n    - z\n");
        assertThat(text(block.withoutElement(list, "x")))
                .isEqualTo("mirrors:\n  a:\n    endpoint:\n    # 2\n    - y\n    - z\n");
        assertThat(text(block.withoutElement(list, "y")))
                .isEqualTo("mirrors:\n  a:\n    endpoint:\n    - x # 1\n    # 2\n    - z\n");
        RegistriesYaml flow = parse("mirrors: {a: {endpoint: [x, 'y',z]}}\n");
        assertThat(text(flow.withoutElement(list, "x"))).isEqualTo("mirrors: {a: {endpoint: ['y',z]}}\n");
        assertThat(text(flow.withoutElement(list, "y"))).isEqualTo("mirrors: {a: {endpoint: [x,z]}}\n");
    }

    @Test
    void followsNoBillionLaughs() {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 9; i++) {
            text.append("a%d: &a%d [".formatted(i, i));
            text.append("*a%d, ".formatted(i - 1).repeat(10)).append("]\n");
        }
        assertThatThrownBy(() -> parse(text.toString())).hasMessageContaining("aliases make more than 50000 values");
    }

    @Test
    void refusesWhatIsNestedTooDeepOrTooLong() {
        assertThatThrownBy(() -> parse("[".repeat(10_000))).hasMessageContaining("nested more than 32 deep");
        assertThatThrownBy(() -> RegistriesYaml.parse(new byte[YamlDocument.MAX_BYTES + 1]))
                .hasMessage("it has 262145 bytes; at most 262144 are expected");
    }

    @Test
    void noErrorShowsAPassword() {
        assertThatThrownBy(() -> parse("configs:\n  a:\n    auth:\n      password: \"hunter2\n"))
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> parse("configs:\n  a:\n    auth: hunter2\n")).hasMessageNotContaining("hunter2");
    }

    private static RegistriesYaml parse(String text) throws InvalidDocumentException {
        return RegistriesYaml.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(RegistriesYaml document) {
        return new String(document.bytes(), StandardCharsets.UTF_8);
    }
}
