package io.farrier.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Topic;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EventHeadTest {
    private static final Instant AT = Instant.parse("2026-11-29T04:00:00Z");

    @ParameterizedTest
    @EnumSource(Topic.class)
    void saysOfEachEventWhatDecodingItSays(Topic topic) throws InvalidFrameException {
        for (long seq : new long[] {0, 1, 4711, 999_999_999_999_999_999L, Long.MAX_VALUE}) {
            ByteBuffer message = message("0123456789abcdef", seq, topic);

            assertThat(EventHead.read(message)).contains(new EventHead(seq, topic));
            assertThat(message.position()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\"b", "a\\b", "\u00e4\u0001", "seq\":7,\"topic\":\"outcome"})
    void aSpoolMayHaveAnyName(String spool) throws InvalidFrameException {
        assertThat(EventHead.read(message(spool, 5, Topic.NODE))).contains(new EventHead(5, Topic.NODE));
        assertThat(EventHead.read(message(spool + "x".repeat(400), 5, Topic.NODE)))
                .contains(new EventHead(5, Topic.NODE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"topic\":\"node\",\"seq\":5,\"data\":{\"seq\":9,\"topic\":\"outcome\"},\"type\":\"event\"}",
                " {\"v\": 1, \"type\": \"event\", \"spool\": \"a\", \"seq\": 5, \"topic\": \"node\"}",
                "{\"v\":1,\"type\":\"event\",\"spool\":\"a\",\"later\":[1],\"seq\":5,\"topic\":\"node\"}"
            })
    void readsWhatAnotherVersionMayHaveWritten(String json) throws InvalidFrameException {
        assertThat(EventHead.read(bytes(json))).contains(new EventHead(5, Topic.NODE));
    }

    @Test
    void aFrameOfAnotherTypeHasNone() throws InvalidFrameException {
        ByteBuffer progress = FrameCodec.encode(new Frame.Progress("pull", "an image", 1, 2, ""));

        assertThat(EventHead.read(progress)).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"v\":1,\"type\":\"event\",\"spool\":\"a",
                "{\"v\":1,\"type\":\"event\",\"spool\":\"a\",\"seq\":",
                "{\"v\":1,\"type\":\"event\",\"spool\":\"a\",\"seq\":-5,\"topic\":\"node\"}",
                "{\"v\":1,\"type\":\"event\",\"spool\":\"a\",\"seq\":5,\"topic\":\"no such topic\"}",
                "{\"v\":1,\"type\":\"event\",\"spool\":\"a\",\"seq\":99999999999999999999,\"topic\":\"node\"}"
            })
    void niceErrorOnWhatIsNoEvent(String text) {
        assertThatThrownBy(() -> EventHead.read(bytes(text))).isInstanceOf(InvalidFrameException.class);
    }

    private static ByteBuffer message(String spool, long seq, Topic topic) {
        return FrameCodec.encode(new Event(
                spool, seq, topic, AT, JsonNodeFactory.instance.objectNode().put("seq", 1)));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
