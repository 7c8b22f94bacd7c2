package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a datagram socket of another process, as journald's is. */
final class JournalSocketTest {
    private static final String LISTENER = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1])
            print('ready', flush=True)
            print(s.recv(1 << 20).hex(), flush=True)
            """;

    @TempDir
    Path folder;

    @Test
    void anEntryHasFieldsAndTheLengthOfAValueOfSeveralLines() throws Exception {
        Path socket = folder.resolve("socket");
        Process listener = new ProcessBuilder("python3", "-c", LISTENER, socket.toString()).start();
        try (BufferedReader words = listener.inputReader()) {
            assertThat(words.readLine()).isEqualTo("ready");

            JournalSocket.at(socket).send(new TreeMap<>(Map.of("A", "x", "B", "1\n2", "C", "y".repeat(200_000))));

            assertThat(words.readLine())
                    .isEqualTo(hex("SYSLOG_IDENTIFIER=farrier\nPRIORITY=5\nA=x\n")
                            + "420a" // B, line feed
                            + "0300000000000000" // 3 bytes
                            + "310a320a"); // 1, line feed, 2; C is too long
        } finally {
            listener.destroyForcibly();
            assertThat(listener.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void saysNothingWhereNobodyListens() {
        JournalSocket.at(folder.resolve("none")).send(Map.of("MESSAGE", "x"));
        JournalSocket.NONE.send(Map.of("MESSAGE", "x"));
    }

    private static String hex(String text) {
        return java.util.HexFormat.of().formatHex(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
