package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.Frame.Form;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LineShapeTest {
    private static final String[] PIECES = {
        "{\"log\":\"", "\",\"stream\":\"stdout\"", "\",\"stream\":\"std", ",\"time\":\"t\"}", "\"", "\\", "n", "\\n",
                " ",
        "P", "F", "stdout", "stderr", "2026-11-20T10:00:00Z", "}", "ü", "abc", ",\"attrs\":{\"k\":\"v\"}"
    };

    private final LineShape shape = new LineShape();

    @Test
    void dockersTextIsBetweenItsFieldsAndStaysEscaped() {
        String line = "{\"log\":\"a \\\"b\\\"\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T10:00:00.5Z\"}";

        read(Form.DOCKER, line);

        assertThat(line.substring(shape.from(), shape.to())).isEqualTo("a \\\"b\\\"\\n");
        assertThat(shape.isStderr()).isTrue();
        assertThat(shape.isPartial()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "half | true",
                "whole\\n | false",
                "an escaped backslash, then n \\\\n | true",
                "a backslash and the end \\\\\\n | false"
            })
    void aDockerLineGoesOnUnlessItEndsWithALineFeed(String text, boolean partial) {
        read(Form.DOCKER, "{\"log\":\"" + text + "\",\"stream\":\"stdout\",\"time\":\"t\"}");

        assertThat(shape.isPartial()).isEqualTo(partial);
    }

    @Test
    void behindTheLabelsThatDockerAddsTextCouldHide() {
        String line = "{\"log\":\"a\",\"stream\":\"stdout\",\"attrs\":{\"k\":\"v\"},\"time\":\"t\"}";

        read(Form.DOCKER, line);

        assertThat(line.substring(shape.from(), shape.to())).isEqualTo(line);
        assertThat(line.substring(shape.textFrom(), shape.textTo())).isEqualTo("a");
        assertThat(shape.isPartial()).isTrue();
    }

    @Test
    void criTextFollowsTheTags() {
        String line = "2026-11-20T10:00:00.1+02:00 stderr P:x  some text";

        read(Form.CRI, line);

        assertThat(line.substring(shape.from(), shape.to())).isEqualTo(" some text");
        assertThat(shape.isPartial()).isTrue();
        assertThat(shape.isStderr()).isTrue();
    }

    /** Lines are foreign: one that made it fail would be sent again for ever. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void saysWhatReadersSayOfAnyLine(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder line = new StringBuilder();
            for (int piece = random.nextInt(9); piece > 0; piece--) {
                line.append(PIECES[random.nextInt(PIECES.length)]);
            }
            Form form = Form.values()[random.nextInt(3)];
            read(form, line.toString());
            LineText shown = LineText.of(form, line.toString().getBytes(StandardCharsets.UTF_8));

            assertThat(shape.to()).isGreaterThanOrEqualTo(shape.from());
            if (shown.stream().isPresent() && shown.time().isPresent()) {
                assertThat(shape.isPartial()).as("%s: %s", form, line).isEqualTo(shown.partial());
            }
        }
    }

    private void read(Form form, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        shape.read(form, bytes, 0, bytes.length);
    }
}
