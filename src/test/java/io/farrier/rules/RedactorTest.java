package io.farrier.rules;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {
    private static final int PIECE_BYTES = 16 << 10;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "db password=S3CRET failed",
                "level=info passwd: 'S3CRET'",
                "password: \"S3CRET of three words\" rest",
                "{\"token\":\"S3CRET\",\"a\":1}",
                "nested {\"msg\":\"{\\\"secret_key\\\": \\\"S3CRET\\\"}\"}",
                "k3s agent --token S3CRET --server https://10.0.0.1:6443",
                "args: [\"--node-token\", \"S3CRET\"]",
                "GET / Authorization: Bearer S3CRET.S3CRET-S3CRET",
                "Authorization: Basic S3CRET0123==",
                "proxy http://user:S3CRET@proxy.example:3128/",
                "{\"auths\":{\"r.example:5000\":{\"auth\":\"S3CRETAAAA==\"}}}",
                "K10c0ffee00c0ffee00::server:S3CRET",
                "jwt eyJhbGciOiJSUzI1NiJ9.S3CRETS3CRET.S3CRETsignature",
                "-----BEGIN EC PRIVATE KEY-----S3CRET-----END EC PRIVATE KEY-----",
            })
    void hidesWhatIsSecretInEachFormAndKeepsAllOtherBytes(String line) {
        for (Redactor.Form form : Redactor.Form.values()) {
            String record = record(form, line + "\n");

            String hidden = redact(form, record);

            assertThat(hidden).as(form + " of " + line).doesNotContain("S3CRET").hasSameSizeAs(record);
            assertThat(hidden).endsWith("\n").startsWith(record.substring(0, 7));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serviceaccount token: expired",
                "no secrets here, see https://k3s.io:443/docs",
                "secret \"default-token-abcde\" not found",
                "MountVolume.SetUp succeeded for volume \"kube-api-access\"",
            })
    void leavesWhatOnlySpeaksOfSecrets(String line) {
        for (Redactor.Form form : Redactor.Form.values()) {
            String record = record(form, line + "\n");

            assertThat(redact(form, record)).isEqualTo(record);
        }
    }

    @Test
    void hidesAPrivateKeyOfManyLinesAndWhatFollowsItStays() {
        for (Redactor.Form form : Redactor.Form.values()) {
            String file = record(form, "-----BEGIN RSA PRIVATE KEY-----\n")
                    + record(form, "S3CRETa\n")
                    + record(form, "S3CRETb\n")
                    + record(form, "-----END RSA PRIVATE KEY-----\n")
                    + record(form, "after\n");

            assertThat(redact(form, file)).doesNotContain("S3CRET").contains("-----END RSA", "after");
        }
    }

    @Test
    void hidesASecretThatARuntimeSplitWhereverItWasCut() {
        String secret = "url https://user:S3CRETpart@host/ ";
        for (Redactor.Form form : List.of(Redactor.Form.DOCKER, Redactor.Form.CRI)) {
            for (int cut = 1; cut < secret.length(); cut++) {
                String first = "x".repeat(PIECE_BYTES - cut) + secret.substring(0, cut);
                String file = record(form, first)
                        + record(form, "of the other stream\n").replace("stdout", "stderr")
                        + record(form, secret.substring(cut) + "\n");

                String hidden = redact(form, file);

                assertThat(hidden.replaceAll("[^A-Za-z0-9]", "")).doesNotContain("S3C", "Tpart", "CRET");
                assertThat(hidden).hasSameSizeAs(file).contains("of the other stream");
            }
        }
    }

    @Test
    void looksOnlyAtWhatStandsAroundAPieceAndChangesNothingOfIt() {
        String before = record(Redactor.Form.DOCKER, "-----BEGIN RSA PRIVATE KEY-----\n");
        String piece = record(Redactor.Form.DOCKER, "S3CRET\n");
        byte[] text = (before + piece).getBytes(UTF_8);

        new Redactor(Redactor.Form.DOCKER, List.of()).redact(text, before.length(), text.length, text.length);

        assertThat(new String(text, UTF_8)).startsWith(before).doesNotContain("S3CRET");
    }

    @Test
    void findsASecretWhereverItStandsInABatch() {
        for (int before = 0; before < 60; before++) {
            String line =
                    "x".repeat(before) + " password=S3CRET https://u:S3CRET@h/ K10c0ffee00c0ffee00::server:S3CRET";

            assertThat(redact(Redactor.Form.PLAIN, line)).as(line).doesNotContain("S3CRET");
        }
    }

    @Test
    void aLineMadeOfWordsThatAnnounceSecretsTakesNoLongerThanItsLengthAllows() {
        for (String word : List.of("token", "token-", "eyJhbG", "passw", "--token", "://", "pwd=", "auth\"")) {
            byte[] text = word.repeat((1 << 20) / word.length()).getBytes(UTF_8);
            Redactor redactor = new Redactor(Redactor.Form.PLAIN, List.of());

            long began = System.nanoTime();
            redactor.redact(text, 0, text.length, text.length);

            assertThat(System.nanoTime() - began)
                    .as("nanoseconds for '%s'", word)
                    .isLessThan(60_000_000_000L);
            assertThat(redactor.switchedOff())
                    .as("a container cannot switch off a rule")
                    .isEmpty();
        }
    }

    @Test
    void takesRulesOfTheOwnerAlsoForWhatDockerEscapes() {
        for (Redactor.Form form : Redactor.Form.values()) {
            Redactor redactor = new Redactor(form, List.of("id=<(\\d+)>", "^\\t\"(.*)\"$"));
            byte[] text = (record(form, "my id=<42> ok\n") + record(form, "\t\"all of it\"\n")).getBytes(UTF_8);

            redactor.redact(text, 0, text.length, text.length);

            assertThat(new String(text, UTF_8)).contains(" ok").doesNotContain("42", "all of it");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){20}b", "a(?:.*b)?", "(a+)b"})
    void endsSoonOnWhatMakesOthersBacktrack(String pattern) {
        Redactor redactor = new Redactor(Redactor.Form.PLAIN, List.of(pattern));
        byte[] text = new byte[1 << 20];
        Arrays.fill(text, (byte) 'a');
        text[text.length - 1] = '!';

        long began = System.nanoTime();
        redactor.redact(text, 0, text.length, text.length);

        assertThat(System.nanoTime() - began)
                .as("nanoseconds; a backtracking engine takes years")
                .isLessThan(60_000_000_000L);
    }

    @Test
    void aRuleThatTakesTooManyStepsIsSwitchedOffAndItsLineDoesNotLeave() {
        Redactor redactor = new Redactor(Redactor.Form.PLAIN, List.of("a(?:.*b)?"));
        byte[] text = new byte[1 << 20];
        Arrays.fill(text, (byte) 'a');
        redactor.redact(text, 0, text.length, text.length);

        assertThat(redactor.switchedOff()).singleElement().asString().contains("a(?:.*b)?");
        assertThat(text).containsOnly('*');
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a*", "(?=x)", "[a", "a{3,1}", "\\bx", "(a", "(((a{1000}){1000}){1000})"})
    void refusesWhatItCannotRun(String pattern) {
        assertThatThrownBy(() -> Redactor.check(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(".{10,}");
    }

    private static String redact(Redactor.Form form, String file) {
        byte[] text = file.getBytes(UTF_8);
        new Redactor(form, List.of()).redact(text, 0, text.length, text.length);
        return new String(text, UTF_8);
    }

    /** @param written without a line feed at its end it is a piece of a line */
    static String record(Redactor.Form form, String written) {
        return switch (form) {
            case PLAIN -> written;
            case CRI ->
                "2026-11-20T12:00:00.1+01:00 stdout "
                        + (written.endsWith("\n") ? "F " + written : "P " + written + "\n");
            case DOCKER ->
                "{\"log\":\""
                        + written.replace("\\", "\\\\")
                                .replace("\"", "\\\"")
                                .replace("\n", "\\n")
                                .replace("\t", "\\u0009")
                                .replace("<", "\\u003c")
                                .replace(">", "\\u003e")
                                .replace("&", "\\u0026")
                        + "\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:00.123456789Z\"}\n";
        };
    }
}
