package io.farrier.logs.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {
    private static final String STAMP = "2026-11-29T08:00:00.123456789Z ";
    private static final String LOCAL = "2026-11-29T10:00:00.000000001+02:00 ";

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 1 << 16})
    void aFrameIsAPieceHoweverItsBytesCome(int chunk) throws IOException {
        byte[] bytes = new DockerStreams()
                .frame(1, STAMP + "one\n")
                .frame(2, LOCAL + "two  words\n")
                .frame(1, STAMP + "begins")
                .frame(1, STAMP + " and ends\n")
                .frame(1, STAMP + "\n")
                .bytes();

        assertThat(DockerStreams.read(new Multiplexed(), bytes, chunk))
                .containsExactly(
                        STAMP + "out F one",
                        "2026-11-29T08:00:00.000000001Z err F two  words",
                        STAMP + "out P begins",
                        STAMP + "out F  and ends",
                        STAMP + "out F ");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16_384, 1 << 20})
    void onATerminalAPieceWithoutAnEndIsAsLongAsDockersBuffer(int chunk) throws IOException {
        String full = "x".repeat(16 << 10);
        byte[] bytes = new DockerStreams()
                .raw(STAMP + "prompt\r\n")
                .raw(STAMP + full + STAMP + full + LOCAL + "rest\r\n")
                .raw(STAMP + full + "\n")
                .raw(STAMP + "last words")
                .bytes();

        assertThat(DockerStreams.read(new Terminal(), bytes, chunk))
                .containsExactly(
                        STAMP + "out F prompt\r",
                        STAMP + "out P " + full,
                        STAMP + "out P " + full,
                        "2026-11-29T08:00:00.000000001Z out F rest\r",
                        STAMP + "out F " + full,
                        STAMP + "out F last words");
    }

    @Test
    void whatDockerNeverSaysEndsTheReadingAndNotTheAgent() {
        refuses(Multiplexed::new, new DockerStreams().frame(7, STAMP + "x\n"), "frame of stream 7");
        refuses(Multiplexed::new, new DockerStreams().frame(1, "no time\n"), "no time where each line begins");
        refuses(Multiplexed::new, new DockerStreams().frame(1, ""), "without a time");
        refuses(Multiplexed::new, new DockerStreams().raw("\1\0\0\0\177\177\177\177"), "2139062143 bytes");
        refuses(Terminal::new, new DockerStreams().raw("x".repeat(100)), "without a time");
    }

    @Test
    void dockersOwnComplaintIsTold() {
        refuses(
                Multiplexed::new,
                new DockerStreams().frame(1, STAMP + "one\n").frame(3, "error from daemon in stream: disk gone\n"),
                "dockerd broke off the log: error from daemon in stream: disk gone");
    }

    private static void refuses(Supplier<Framing> framing, DockerStreams said, String words) {
        for (int chunk : List.of(1, 1 << 16)) {
            assertThatThrownBy(() -> DockerStreams.read(framing.get(), said.bytes(), chunk))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(words);
        }
    }
}
