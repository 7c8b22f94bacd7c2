package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineCountTest {
    @Test
    void countsAsOneWouldByteByByteWhateverTheBytesAndWhereverTheyBegin() {
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[1 + random.nextInt(100)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(3) == 0 ? '\n' : random.nextInt(256));
            }
            int from = random.nextInt(bytes.length);

            assertThat(LineCount.of(
                            ByteBuffer.wrap(bytes, from, bytes.length - from).slice()))
                    .isEqualTo(byteByByte(bytes, from));
        }
    }

    private static int byteByByte(byte[] bytes, int from) {
        int lines = bytes[bytes.length - 1] == '\n' ? 0 : 1;
        for (int i = from; i < bytes.length; i++) {
            lines += bytes[i] == '\n' ? 1 : 0;
        }
        return lines;
    }
}
