package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.Frame.Form;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LineTextTest {
    @Test
    void readsDockersJson() {
        LineText line = read(
                Form.DOCKER,
                "{\"log\":\"a \\\"b\\\" \\u003c\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-20T10:00:00.5Z\"}");

        assertThat(line)
                .isEqualTo(new LineText(
                        Optional.of("2026-11-20T10:00:00.5Z"), Optional.of("stderr"), "a \"b\" <", false, false));
    }

    @Test
    void aDockerLineWithoutItsLineFeedGoesOnInTheNext() {
        assertThat(read(Form.DOCKER, "{\"log\":\"half\",\"stream\":\"stdout\",\"time\":\"t\"}")
                        .partial())
                .isTrue();
    }

    @Test
    void readsCri() {
        LineText line = read(Form.CRI, "2026-11-20T10:00:00.123456789+02:00 stdout F some text ");

        assertThat(line.time()).hasValue("2026-11-20T10:00:00.123456789+02:00");
        assertThat(line.stream()).hasValue("stdout");
        assertThat(line.text()).isEqualTo("some text ");
        assertThat(line.partial()).isFalse();
    }

    @Test
    void criContentMayBeEmptyAndPartial() {
        assertThat(read(Form.CRI, "t stderr P ").text()).isEmpty();
        assertThat(read(Form.CRI, "t stderr P:X abc").partial()).isTrue();
    }

    @Test
    void whatIsNotInItsFormIsShownAsItStands() {
        assertThat(read(Form.DOCKER, "{\"log\":").text()).isEqualTo("{\"log\":");
        assertThat(read(Form.DOCKER, "{\"stream\":\"stdout\"}").text()).isEqualTo("{\"stream\":\"stdout\"}");
        assertThat(read(Form.DOCKER, "[1]").text()).isEqualTo("[1]");
        assertThat(read(Form.CRI, "no cri").text()).isEqualTo("no cri");
    }

    @Test
    void aStreamOrTimeThatIsNoneIsNotTaken() {
        LineText line =
                read(Form.DOCKER, "{\"log\":\"a\\n\",\"stream\":\"<b>\",\"time\":\"" + "9".repeat(1000) + "\"}");

        assertThat(line.stream()).isEmpty();
        assertThat(line.time()).isEmpty();
    }

    @Test
    void deepJsonIsNoReasonToFall() {
        String deep = "{\"log\":\"a\\n\",\"x\":" + "[".repeat(100_000) + "}";

        assertThat(read(Form.DOCKER, deep).cut()).isTrue();
    }

    @Test
    void longLinesAreCut() {
        LineText line = read(Form.PLAIN, "x".repeat(1 << 20));

        assertThat(line.text()).hasSize(LineText.MAX_SHOWN);
        assertThat(line.cut()).isTrue();
    }

    private static LineText read(Form form, String raw) {
        return LineText.of(form, raw.getBytes(StandardCharsets.UTF_8));
    }
}
