package io.farrier.feed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.farrier.feed.Frame.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a spool has to know of an event that it holds already. Read without the data behind it: an agent reads its whole
 * spool before it is ready, when all code is slow.
 */
public record EventHead(long seq, Topic topic) {
    /** As {@link FrameCodec#encode} begins an event. */
    private static final byte[] BEGIN =
            ("{\"v\":" + Frame.VERSION + ",\"type\":\"event\",\"spool\":\"").getBytes(US_ASCII);

    private static final byte[] SEQ = "\",\"seq\":".getBytes(US_ASCII);
    private static final byte[] TOPIC = ",\"topic\":\"".getBytes(US_ASCII);

    /** Of a long; what has more digits is not ours. */
    private static final int MAX_DIGITS = 18;

    /** All of it is within this, unless the spool's name is none of ours. */
    private static final int MAX_HEAD = 256;

    /**
     * Of a message that {@link FrameCodec#encode} made, whose data is not looked at; empty for frames of other types.
     *
     * @throws InvalidFrameException for anything that does not begin as a frame does
     */
    public static Optional<EventHead> read(ByteBuffer message) throws InvalidFrameException {
        byte[] bytes = new byte[Math.min(message.remaining(), MAX_HEAD)];
        message.duplicate().get(bytes);
        @Nullable EventHead asWritten = new Letters(bytes).head();
        return asWritten == null ? parsed(message) : Optional.of(asWritten);
    }

    /** Field by field as this version writes them; whatever is not exactly so is left to the parser. */
    private static final class Letters {
        private final byte[] bytes;
        private int at;

        Letters(byte[] bytes) {
            this.bytes = bytes;
        }

        @Nullable
        EventHead head() throws InvalidFrameException {
            if (!takes(BEGIN) || !takesName() || !takes(SEQ)) {
                return null;
            }
            long seq = number();
            if (seq < 0 || !takes(TOPIC)) {
                return null;
            }
            int start = at;
            if (!takesName()) {
                return null;
            }
            return new EventHead(
                    seq, HeaderJson.word("topic", new String(bytes, start, at - start, US_ASCII), Topic.class));
        }

        private boolean takes(byte[] letters) {
            int end = at + letters.length;
            if (end > bytes.length || !Arrays.equals(bytes, at, end, letters, 0, letters.length)) {
                return false;
            }
            at = end;
            return true;
        }

        /** Up to the quotation mark that ends it. */
        private boolean takesName() {
            while (at < bytes.length && bytes[at] != '"' && bytes[at] != '\\') {
                at++;
            }
            return at < bytes.length && bytes[at] == '"';
        }

        /** -1 where there is none, or a longer one than ours. */
        private long number() {
            long number = 0;
            int start = at;
            while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9' && at - start <= MAX_DIGITS) {
                number = number * 10 + bytes[at] - '0';
                at++;
            }
            return at > start && at - start <= MAX_DIGITS ? number : -1;
        }
    }

    private static Optional<EventHead> parsed(ByteBuffer message) throws InvalidFrameException {
        byte[] bytes = new byte[message.remaining()];
        message.duplicate().get(bytes);
        try (JsonParser json = HeaderJson.FACTORY.createParser(bytes)) {
            return parsed(json);
        } catch (InvalidFrameException known) {
            throw known;
        } catch (IOException notJson) {
            throw new InvalidFrameException("the header is not JSON within the bounds of the feed");
        }
    }

    private static Optional<EventHead> parsed(JsonParser json) throws IOException {
        @Nullable String type = null;
        @Nullable Topic topic = null;
        long seq = -1;
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "type" -> type = json.getText();
                case "seq" -> seq = json.getLongValue();
                case "topic" -> topic = HeaderJson.word(field, json.getText(), Topic.class);
                default -> json.skipChildren();
            }
            if (type != null && !type.equals("event")) {
                return Optional.empty();
            }
            if (type != null && topic != null && seq >= 0) {
                return Optional.of(new EventHead(seq, topic));
            }
        }
        throw new InvalidFrameException("an event has no type, topic or number");
    }
}
