package io.farrier.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.node.Login;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlSocketTest {
    private static final String PYTHON_ASKS = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            s.sendall(('{"verb":"%s"}\\n' % sys.argv[2]).encode())
            print(s.makefile().read(), end='')
            """;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final List<String> ran = new ArrayList<>();
    private Path folder;
    private Path path;
    private ControlSocket socket;

    @BeforeEach
    void open() throws Exception {
        // Not below a folder of mode 0700: other users must be able to come as far as the socket.
        folder = Files.createTempDirectory(Path.of("/tmp"), "farrier-control");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        path = folder.resolve("run/agent.sock");
        socket = ControlSocket.open(vertx, path, (verb, who, lines) -> {
            ran.add(verb.word() + " by " + who);
            lines.accept(
                    JsonNodeFactory.instance.objectNode().put("type", "answer").put("to", verb.word()));
            return verb == Verb.RESTORE
                    ? CompletableFuture.failedFuture(new IOException("Tried to restore, but the disk is full."))
                    : CompletableFuture.completedFuture(null);
        });
    }

    @AfterEach
    void close() throws Exception {
        socket.close();
        vertx.close().toCompletionStage().toCompletableFuture().get();
        Files.deleteIfExists(path);
        Files.deleteIfExists(path.getParent());
        Files.deleteIfExists(folder);
    }

    @Test
    void answersRootAndSaysWhoAsked() throws IOException {
        List<JsonNode> lines = new ArrayList<>();

        new ControlClient(path).ask(Verb.APPLY, lines::add);

        assertThat(lines).extracting(line -> line.get("to").textValue()).containsExactly("apply");
        assertThat(ran).containsExactly("apply by " + Login.ofThisNode().ofThisProcess());
    }

    @Test
    void saysWhyAnOrderFailed() {
        assertThatThrownBy(() -> new ControlClient(path).ask(Verb.RESTORE, line -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("Tried to restore, but the disk is full.");
    }

    @Test
    void theSocketIsForRootAndItsGroupOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-rw----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                .isEqualTo("rwxr-xr-x");
    }

    /** The group of the test's socket is root's, as there is no group farrier: gid 0 stands for it. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, status, answer",
        "0, 0, apply, answer",
        "1234, 0, status, answer",
        "1234, 0, apply, for root only",
        "1234, 0, restore, for root only",
        "1234, 0, pull, for root only",
        "1234, 1234, status, PermissionError",
        "1234, 1234, apply, PermissionError",
    })
    void uidMatrix(int uid, int gid, String verb, String expected) throws Exception {
        assumeTrue(Files.getAttribute(path, "unix:gid").equals(0), "there is a group farrier on this machine");

        Process client = new ProcessBuilder(
                        "setpriv",
                        "--reuid",
                        "" + uid,
                        "--regid",
                        "" + gid,
                        "--clear-groups",
                        "/usr/bin/python3",
                        "-c",
                        PYTHON_ASKS,
                        path.toString(),
                        verb)
                .redirectErrorStream(true)
                .start();

        assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).contains(expected);
        assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aThousandIdleConnectionsMakeRoomForTheOneThatSpeaks() throws IOException {
        List<SocketChannel> idle = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            idle.add(connect());
        }

        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
            List<JsonNode> lines = new ArrayList<>();
            new ControlClient(path).ask(Verb.STATUS, lines::add);
            assertThat(lines).hasSize(1);
        });
        for (SocketChannel channel : idle) {
            channel.close();
        }
    }

    @Test
    void aSlowWriterIsCutOff() throws IOException {
        try (SocketChannel slow = connect()) {
            slow.write(ByteBuffer.wrap("{\"verb\":".getBytes(UTF_8)));

            assertThat(readAll(slow)).isEmpty();
        }
        assertThat(ran).isEmpty();
    }

    @Test
    void niceErrorOnARequestThatIsTooLong() throws IOException {
        try (SocketChannel channel = connect()) {
            ByteBuffer request =
                    ByteBuffer.wrap("x".repeat(ControlSocket.MAX_REQUEST_BYTES).getBytes(UTF_8));
            while (request.hasRemaining()) {
                channel.write(request);
            }

            assertThat(readAll(channel)).contains("less than 65536 bytes");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{}", "nonsense", "{\"verb\":\"reboot\"}", "[]", "''"})
    void niceErrorOnWhatIsNoRequest(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            channel.write(ByteBuffer.wrap((request + "\n").getBytes(UTF_8)));

            assertThat(readAll(channel)).contains("\"type\":\"error\"").contains("not a request");
        }
    }

    @Test
    void niceErrorWhenNoAgentRuns() {
        socket.close();

        await().untilAsserted(() -> assertThatThrownBy(
                        () -> new ControlClient(folder.resolve("no.sock")).ask(Verb.STATUS, line -> {}))
                .isInstanceOf(AgentUnavailableException.class)
                .hasMessageContaining("Is it running"));
    }

    @Test
    void aClientSaysNothingToAnyoneButRoot() throws Exception {
        Path trap = folder.resolve("trap.sock");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Process other = new ProcessBuilder(
                        "setpriv",
                        "--reuid",
                        "1234",
                        "--regid",
                        "1234",
                        "--clear-groups",
                        "/usr/bin/python3",
                        "-c",
                        "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\nc,_=s.accept()\nprint(c.recv(9))",
                        trap.toString())
                .start();
        try {
            await().until(() -> Files.exists(trap));

            await().untilAsserted(() -> assertThatThrownBy(() -> new ControlClient(trap).ask(Verb.APPLY, line -> {}))
                    .hasMessageContaining("not root"));
            assertThat(new String(other.getInputStream().readAllBytes(), UTF_8)).isEqualTo("b''\n");
        } finally {
            other.destroyForcibly();
            Files.deleteIfExists(trap);
        }
    }

    @Test
    void whereTheKernelDoesNotSayWhoAsksTheSocketIsRootsAlone() throws Exception {
        Vertx plain = Vertx.vertx();
        Path other = folder.resolve("run/plain.sock");
        try (ControlSocket only =
                ControlSocket.open(plain, other, (verb, who, lines) -> CompletableFuture.completedFuture(null))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(other)))
                    .isEqualTo("rw-------");
            new ControlClient(other).ask(Verb.APPLY, line -> {});
        }
        plain.close().toCompletionStage().toCompletableFuture().get();
        Files.deleteIfExists(other);
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return channel;
    }

    private static String readAll(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        try {
            while (channel.read(bytes) >= 0) {
                // Until the other side ends it.
            }
        } catch (IOException reset) {
            // Also an end.
        }
        return UTF_8.decode(bytes.flip()).toString();
    }
}
