package io.farrier.feed;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.feed.Frame.Ack;
import io.farrier.feed.Frame.Credit;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.Frame.Progress;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.Frame.Topic;
import io.farrier.feed.Frame.Welcome;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FrameCodecTest {
    private static final Instant AT = Instant.parse("2026-11-20T10:15:30Z");
    private static final SourceId SOURCE = new SourceId("3f2a");
    private static final JsonNode DATA = JsonNodeFactory.instance.objectNode().put("mode", "keep");

    /** The wire form is a promise to clients in other languages: a change here is a change of the protocol. */
    static Stream<Arguments> wire() {
        return Stream.of(
                Arguments.of(
                        new Hello(1, "worker-1", "0.1.0", "b1", List.of("deflate"), Map.of("cluster", "demo")), """
                        {"v":1,"type":"hello","node":"worker-1","agent":"0.1.0","boot":"b1","encodings":["deflate"],"labels":{"cluster":"demo"}}
                        """),
                Arguments.of(
                        new SourceOpened(SOURCE, Form.DOCKER, "etcd", Map.of("role", "etcd", "image", "rke-etcd")),
                        """
                        {"v":1,"type":"source","source":"3f2a","form":"docker","container":"etcd","labels":{"image":"rke-etcd","role":"etcd"}}
                        """),
                Arguments.of(new LogBatch(SOURCE, 100, 106, 2, bytes("ab\ncd\n")), """
                        {"v":1,"type":"logs","source":"3f2a","from":100,"to":106,"lines":2}
                        ab
                        cd
                        """),
                Arguments.of(new Lost(SOURCE, 5, 9, "past the hold budget", AT), """
                        {"v":1,"type":"lost","source":"3f2a","from":5,"to":9,"reason":"past the hold budget","at":"2026-11-20T10:15:30Z"}
                        """),
                Arguments.of(new Lost(SOURCE, 5, Lost.UNKNOWN, "truncated", AT), """
                        {"v":1,"type":"lost","source":"3f2a","from":5,"to":-1,"reason":"truncated","at":"2026-11-20T10:15:30Z"}
                        """),
                Arguments.of(new Event("s1", 7, Topic.NODE, AT, DATA), """
                        {"v":1,"type":"event","spool":"s1","seq":7,"topic":"node","at":"2026-11-20T10:15:30Z","data":{"mode":"keep"}}
                        """),
                Arguments.of(new Progress("pull", "rancher/kubectl:v1", 10, 20, "Downloading"), """
                        {"v":1,"type":"progress","work":"pull","about":"rancher/kubectl:v1","done":10,"total":20,"note":"Downloading"}
                        """),
                Arguments.of(new Welcome(1, 8388608, Optional.of("deflate")), """
                        {"v":1,"type":"welcome","credit":8388608,"encoding":"deflate"}
                        """),
                Arguments.of(new Welcome(1, 0, Optional.empty()), """
                        {"v":1,"type":"welcome","credit":0}
                        """),
                Arguments.of(Ack.of(SOURCE, List.of(new ByteRange(0, 100), new ByteRange(200, 250))), """
                        {"v":1,"type":"ack","source":"3f2a","ranges":[[0,100],[200,250]]}
                        """),
                Arguments.of(Ack.ofLosses(SOURCE, List.of(5L, 900L)), """
                        {"v":1,"type":"ack","source":"3f2a","lost":[5,900]}
                        """),
                Arguments.of(Ack.of("s1", 7), """
                        {"v":1,"type":"ack","spool":"s1","seq":7}
                        """),
                Arguments.of(new Credit(4096), """
                        {"v":1,"type":"credit","bytes":4096}
                        """));
    }

    @ParameterizedTest
    @MethodSource("wire")
    void writesTheWireForm(Frame frame, String wire) {
        assertThat(text(FrameCodec.encode(frame))).isEqualTo(wire);
    }

    @ParameterizedTest
    @MethodSource("wire")
    void readsTheWireForm(Frame frame, String wire) throws InvalidFrameException {
        assertThat(FrameCodec.decode(bytes(wire))).isEqualTo(frame);
    }

    @Test
    void ignoresFieldsItDoesNotKnow() throws InvalidFrameException {
        assertThat(FrameCodec.decode(bytes("{\"v\":1,\"type\":\"credit\",\"bytes\":1,\"colour\":{\"a\":[1]}}\n")))
                .isEqualTo(new Credit(1));
    }

    @Test
    void deflatesTheBodyOnly() throws InvalidFrameException {
        LogBatch batch = new LogBatch(SOURCE, 0, 3000, 1000, bytes("ab\n".repeat(1000)));

        ByteBuffer message = FrameCodec.encode(batch, Encoding.DEFLATE);

        assertThat(text(message))
                .startsWith("{\"v\":1,\"type\":\"logs\",\"source\":\"3f2a\",\"from\":0,\"to\":3000,")
                .contains("\"encoding\":\"deflate\"}\n");
        assertThat(message.remaining()).isLessThan(300);
        assertThat(FrameCodec.decode(message)).isEqualTo(batch);
    }

    @Test
    void compressesTheBodyWithZstdWhereItsLibraryLoads(@TempDir Path folder) throws InvalidFrameException {
        assertThat(Zstandard.load(folder.resolve("native"))).isTrue();
        LogBatch batch = new LogBatch(SOURCE, 0, 3000, 1000, bytes("ab\n".repeat(1000)));

        ByteBuffer message = FrameCodec.encode(batch, Encoding.ZSTD);

        assertThat(text(message)).contains("\"encoding\":\"zstd\"}\n");
        assertThat(message.remaining()).isLessThan(200);
        assertThat(FrameCodec.decode(message)).isEqualTo(batch);
        for (String other : List.of("2999", "3001", "10")) {
            String lie = text(FrameCodec.encode(batch, Encoding.ZSTD)).replace("\"to\":3000", "\"to\":" + other);
            assertThatThrownBy(() -> FrameCodec.decode(ByteBuffer.wrap(
                            lie.replace("\"lines\":1000", "\"lines\":1").getBytes(ISO_8859_1))))
                    .isInstanceOf(InvalidFrameException.class)
                    .hasMessageContaining("zstd");
        }
    }

    @Test
    void readsWhatPythonsZlibWrote() throws InvalidFrameException {
        // zlib.compress(b"ab\ncd\n")
        byte[] body = HexFormat.of().parseHex("789c4b4ce24a4ee102000659019f");
        byte[] header =
                "{\"v\":1,\"type\":\"logs\",\"source\":\"3f2a\",\"from\":0,\"to\":6,\"lines\":2,\"encoding\":\"deflate\"}\n"
                        .getBytes(UTF_8);
        ByteBuffer message = ByteBuffer.allocate(header.length + body.length)
                .put(header)
                .put(body)
                .flip();

        assertThat(FrameCodec.decode(message)).isEqualTo(new LogBatch(SOURCE, 0, 6, 2, bytes("ab\ncd\n")));
    }

    @Test
    void leavesABodyPlainThatDeflateWouldNotMakeSmaller() {
        LogBatch batch = new LogBatch(SOURCE, 0, 3, 1, bytes("ab\n"));

        assertThat(FrameCodec.encode(batch, Encoding.DEFLATE)).isEqualTo(FrameCodec.encode(batch));
    }

    @Test
    void keepsBytesThatAreNotText() throws InvalidFrameException {
        byte[] noText = HexFormat.of().parseHex("00ff80c3280a"); // NUL, no UTF-8, line feed
        LogBatch batch = new LogBatch(SOURCE, 0, 6, 1, ByteBuffer.wrap(noText));

        assertThat(FrameCodec.decode(FrameCodec.encode(batch))).isEqualTo(batch);
    }

    @Test
    void readsAGreetingOfAnotherVersionSoThatItCanBeRefusedInWords() throws InvalidFrameException {
        assertThat(FrameCodec.decode(bytes("{\"v\":2,\"type\":\"welcome\",\"credit\":1}\n")))
                .isEqualTo(new Welcome(2, 1, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"v":1,"type":"credit","bytes":1}                              | no line feed ends the header
                    \\n                                                            | the header is not one JSON object
                    []\\n                                                          | the header is not one JSON object
                    {"v":1,"type":"credit","bytes":1} {}\\n                        | the header is not
                    {"v":1,"type":"credit","bytes":1,"bytes":2}\\n                 | the header is not JSON
                    {"v":1,"type":"reboot"}\\n                                     | the type of the frame is not known
                    {"v":2,"type":"credit","bytes":1}\\n                           | the frame is of version 2, this side speaks 1
                    {"type":"credit","bytes":1}\\n                                 | field 'v' is not a whole number
                    {"v":1,"type":"credit","bytes":1}\\nx                          | 1 bytes follow the header of a 'credit' frame
                    {"v":1,"type":"credit","bytes":-1}\\n                          | field 'bytes' is -1; it must be 0 to
                    {"v":1,"type":"credit","bytes":1.5}\\n                         | field 'bytes' is not a whole number
                    {"v":1,"type":"credit","bytes":9223372036854775808}\\n         | field 'bytes' is not a whole number
                    {"v":1,"type":"credit","bytes":"1"}\\n                         | field 'bytes' is not a whole number
                    {"v":1,"type":"ack","source":"../etc","ranges":[[0,1]]}\\n     | field 'source' is not a source id
                    {"v":1,"type":"ack","source":"a","ranges":[]}\\n               | field 'ranges' is not a list of 1 to 64 ranges
                    {"v":1,"type":"ack","source":"a","ranges":[[1,1]]}\\n          | a range from 1 to 1 is empty
                    {"v":1,"type":"ack","source":"a","ranges":[[0,1,2]]}\\n        | something that is not [from, to]
                    {"v":1,"type":"logs","source":"a","from":0,"to":2,"lines":1}\\nx      | the body holds 1 bytes, but from and to say 2
                    {"v":1,"type":"logs","source":"a","from":0,"to":2,"lines":3}\\nxy     | field 'lines' is 3; it must be 0 to 2
                    {"v":1,"type":"logs","source":"a","from":0,"to":99999999,"lines":1}\\n | a batch of 99999999 bytes is larger
                    {"v":1,"type":"logs","source":"a","from":0,"to":2,"lines":1,"encoding":"br"}\\nxy      | the encoding of the batch is not known
                    {"v":1,"type":"logs","source":"a","from":0,"to":2,"lines":1,"encoding":"deflate"}\\nxy | the body is not in zlib format
                    {"v":1,"type":"lost","source":"a","from":5,"to":5,"reason":"","at":"2026-11-20T10:15:30Z"}\\n | a loss from 5 to 5 is empty
                    {"v":1,"type":"event","spool":"s","seq":1,"topic":"gossip","at":"2026-11-20T10:15:30Z","data":{}}\\n | field 'topic' holds a word that is not known
                    {"v":1,"type":"event","spool":"s","seq":1,"topic":"node","at":"yesterday","data":{}}\\n | field 'at' is not a time
                    {"v":1,"type":"event","spool":"s","seq":1,"topic":"node","at":"2026-11-20T10:15:30Z","data":[]}\\n | field 'data' is not an object
                    """)
    void niceErrorOn(String wire, String error) {
        assertThatThrownBy(() -> FrameCodec.decode(bytes(wire.replace("\\n", "\n"))))
                .isInstanceOf(InvalidFrameException.class)
                .hasMessageContaining(error);
    }

    @Test
    void refusesABodyThatInflatesToMoreThanItSays() {
        LogBatch bomb = new LogBatch(SOURCE, 0, 1_000_000, 0, ByteBuffer.allocate(1_000_000));
        String lie = text(FrameCodec.encode(bomb, Encoding.DEFLATE)).replace("\"to\":1000000", "\"to\":10");

        assertThatThrownBy(() -> FrameCodec.decode(ByteBuffer.wrap(lie.getBytes(ISO_8859_1))))
                .isInstanceOf(InvalidFrameException.class);
    }

    @Test
    void refusesDeepNestingBeforeItCostsTheStack() {
        String deep = "{\"v\":1,\"type\":\"event\",\"data\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}\n";

        assertThatThrownBy(() -> FrameCodec.decode(bytes(deep)))
                .isInstanceOf(InvalidFrameException.class)
                .hasMessageContaining("within the bounds of the feed");
    }

    @Test
    void refusesAMessageThatIsTooLargeUnread() {
        assertThatThrownBy(() -> FrameCodec.decode(ByteBuffer.allocate(FrameCodec.MAX_FRAME_BYTES + 1)))
                .isInstanceOf(InvalidFrameException.class)
                .hasMessageContaining("larger than");
    }

    @Test
    void theLargestAckFitsWhatAnAgentAccepts() {
        List<ByteRange> ranges = Stream.iterate(Long.MAX_VALUE / 2, from -> from + 10)
                .limit(FrameCodec.MAX_ACK_RANGES)
                .map(from -> new ByteRange(from, from + 5))
                .toList();

        assertThat(FrameCodec.encode(Ack.of(new SourceId("x".repeat(64)), ranges))
                        .remaining())
                .isLessThanOrEqualTo(FrameCodec.MAX_CONTROL_BYTES);
    }

    @Test
    void theLargestBatchFitsAFrame() {
        ByteBuffer body = ByteBuffer.allocate(FrameCodec.MAX_BODY_BYTES);
        long from = Long.MAX_VALUE - body.remaining();
        LogBatch batch = new LogBatch(new SourceId("x".repeat(64)), from, Long.MAX_VALUE, body.remaining(), body);

        assertThat(FrameCodec.encode(batch).remaining()).isLessThanOrEqualTo(FrameCodec.MAX_FRAME_BYTES);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return ISO_8859_1.decode(bytes.duplicate()).toString();
    }
}
