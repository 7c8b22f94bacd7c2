package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.farrier.feed.Frame.Form;

class LineFuzzTest {
    /** Docker's JSON lines, and CRI's: whatever a container prints, or a runtime half writes, is a line with a text. */
    @FuzzTest(maxDuration = "10m")
    void anyBytesAreALine(byte[] bytes) {
        for (Form form : Form.values()) {
            LineShape shape = new LineShape();
            shape.read(form, bytes, 0, bytes.length);
            assertThat(shape.textFrom()).isBetween(0, shape.textTo());
            assertThat(shape.textTo()).isLessThanOrEqualTo(bytes.length);

            LineText text = LineText.of(form, bytes);
            assertThat(text.text().length()).isLessThanOrEqualTo(Math.max(LineText.MAX_SHOWN, LineText.MAX_JOINED));
        }
    }
}
