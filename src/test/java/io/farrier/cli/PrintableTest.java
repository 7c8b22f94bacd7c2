package io.farrier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void leavesOrdinaryTextAlone() {
        String text = "Grüße aus 東京: kubelet 1.27 \"ok\" 😀";

        assertThat(Printable.line(text)).isEqualTo(text);
    }

    @Test
    void showsClipboardWritesAndCursorMovesInsteadOfDoingThem() {
        assertThat(Printable.line("\033]52;c;cm0gLXJm\007\033[2J\033[1;1H"))
                .isEqualTo("\\x1b]52;c;cm0gLXJm\\x07\\x1b[2J\\x1b[1;1H");
    }

    @Test
    void keepsAFakeLogLineOnTheLineItCameOn() {
        assertThat(Printable.line("not found\r\n<3>farrier: all is well"))
                .isEqualTo("not found\\r\\n<3>farrier: all is well");
    }

    @Test
    void showsTheOtherLineEndsAndTheEightBitControls() {
        assertThat(Printable.line("a\u0085b\u2028c\u2029d\u009b31m")).isEqualTo("a\\x85b\\u2028c\\u2029d\\x9b31m");
    }

    @Test
    void showsBidiControlsAndInvisibleCharacters() {
        assertThat(Printable.line("ca\u202etrc.\u2066x\u200b\ufeff")).isEqualTo("ca\\u202etrc.\\u2066x\\u200b\\ufeff");
    }

    @Test
    void showsLoneSurrogatesAndTagCharacters() {
        assertThat(Printable.line("\ud800a\udc00")).isEqualTo("\\ud800a\\udc00");
        assertThat(Printable.line(new String(Character.toChars(0xE0041)))).isEqualTo("\\u{e0041}");
    }

    @Test
    void neverLetsAControlCharacterThrough() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            String hostile = random.ints(20, 0, 0x3000)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();

            assertThat(Printable.line(hostile).codePoints())
                    .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
        }
    }
}
