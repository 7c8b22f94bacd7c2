package io.farrier.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ByContentTest {
    private final List<byte[]> parsed = new ArrayList<>();
    private final ByContent<String> said = new ByContent<>();

    @Test
    void parsesTheSameBytesOnceAndOthersAlways() throws IOException {
        assertThat(of(bytes("one"))).isEqualTo("one");
        assertThat(of(bytes("one"))).isEqualTo("one");
        assertThat(parsed).hasSize(1);
        assertThat(of(bytes("two"))).isEqualTo("two");
        assertThat(parsed).hasSize(2);
    }

    @Test
    void isNotFooledByWhoWritesIntoTheArrayLater() throws IOException {
        byte[] mine = bytes("one");
        of(mine);
        mine[0] = 'x';
        assertThat(of(bytes("one"))).isEqualTo("one");
        assertThat(parsed).hasSize(1);
        assertThat(of(mine)).isEqualTo("xne");
    }

    @Test
    void saysEachTimeWhatIsWrong() {
        assertThatThrownBy(() -> of(new byte[0])).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> of(new byte[0])).isInstanceOf(IOException.class);
        assertThat(parsed).hasSize(2);
    }

    @Test
    void remembersNeitherEverythingNorWhatIsLarge() throws IOException {
        for (int i = 0; i <= ByContent.MAX_FILES; i++) {
            of(bytes("number " + i));
        }
        of(bytes("number 0"));
        assertThat(parsed).hasSize(ByContent.MAX_FILES + 2);
        of(new byte[ByContent.MAX_BYTES + 1]);
        of(new byte[ByContent.MAX_BYTES + 1]);
        assertThat(parsed).hasSize(ByContent.MAX_FILES + 4);
    }

    private String of(byte[] content) throws IOException {
        return said.of(content, each -> {
            parsed.add(each);
            if (each.length == 0) {
                throw new IOException("nothing in it");
            }
            return new String(each, UTF_8);
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
