package io.farrier.feed;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One message unit of the feed. An agent sends {@link Hello}, {@link SourceOpened}, {@link LogBatch}, {@link Lost},
 * {@link Event} and {@link Progress}; a collector sends {@link Welcome}, {@link Ack} and {@link Credit}, and nothing else.
 */
public sealed interface Frame {
    /** The version of the feed this code speaks. */
    int VERSION = 1;

    /** How the lines of a source are written in its file. */
    enum Form {
        /** One JSON object a line, as Docker's json-file driver writes it. */
        DOCKER,
        /** {@code time stream tag content}, as CRI runtimes write it. */
        CRI,
        /** Anything else: a line is a line. */
        PLAIN
    }

    /**
     * The first frame of an agent.
     *
     * @param node the node's name; the collector binds it to the credential that first used it
     * @param boot changes whenever the agent starts
     * @param encodings content encodings the agent can send besides {@code identity}, best first
     */
    record Hello(
            int version, String node, String agent, String boot, List<String> encodings, Map<String, String> labels)
            implements Frame {
        public Hello {
            encodings = List.copyOf(encodings);
            labels = Map.copyOf(labels);
        }
    }

    /**
     * The collector's answer.
     *
     * @param credit how many bytes of log lines may be under way without an ack
     * @param encoding the one encoding of the agent's list that it may use
     */
    record Welcome(int version, long credit, Optional<String> encoding) implements Frame {}

    /**
     * Announces a source, once a connection, before its first batch.
     *
     * @param labels what is known of where the lines come from: container, image, pod, namespace, role, unit
     */
    record SourceOpened(SourceId source, Form form, String container, Map<String, String> labels) implements Frame {
        public SourceOpened {
            labels = Map.copyOf(labels);
        }
    }

    /**
     * Whole lines of one file, byte for byte.
     *
     * @param from offset in the file of the first byte
     * @param to offset behind the last byte, so that {@code body.remaining() == to - from}
     * @param lines line feeds in the body, and one more when its last line has none
     */
    record LogBatch(SourceId source, long from, long to, int lines, ByteBuffer body) implements Frame {}

    /**
     * Bytes of a source that will never come, declared on each connection until they are acknowledged: a known range like a
     * batch, with the ranges of an {@link Ack}, one of unknown size with where it begins.
     *
     * @param to {@link #UNKNOWN} when it is not known how many they were
     */
    record Lost(SourceId source, long from, long to, String reason, Instant at) implements Frame {
        public static final long UNKNOWN = -1;
    }

    /**
     * A fact that cannot be read again, kept in the agent's spool until it is acknowledged.
     *
     * @param spool names the spool the sequence number belongs to; a new spool starts a new sequence
     * @param seq rises with each event of the spool; numbers may be left out, none is used twice
     */
    record Event(String spool, long seq, Topic topic, Instant at, JsonNode data) implements Frame {}

    /** What an event is about. {@code STATE} topics hold all there is at that moment and replace the one before. */
    enum Topic {
        /** State: {@code {version, os, kernel, runtime:{name,version,reachable}, mode, sample}}. */
        NODE(true),
        /** State: {@code {containers:[...]}}. */
        CONTAINERS(true),
        /** State: {@code {images:[...]}}: the images the node must have. */
        IMAGES(true),
        /** State: {@code {registries:[...]}}. */
        REGISTRIES(true),
        /** State: {@code {findings:[...]}}: all that are open. */
        FINDINGS(true),
        /** One {@code Outcome} of a change. */
        OUTCOME(false);

        private final boolean state;

        Topic(boolean state) {
            this.state = state;
        }

        public boolean isState() {
            return state;
        }
    }

    /** How far a long piece of work is; never stored, never acknowledged. */
    record Progress(String work, String about, long done, long total, String note) implements Frame {}

    /**
     * The collector has it on disk.
     *
     * @param ranges acknowledged byte ranges of the source, empty when it acknowledges something else
     * @param lost where losses of unknown size begin, empty when it acknowledges something else
     */
    record Ack(Optional<SourceId> source, List<ByteRange> ranges, List<Long> lost, Optional<String> spool, long seq)
            implements Frame {
        public Ack {
            ranges = List.copyOf(ranges);
            lost = List.copyOf(lost);
        }

        public static Ack of(SourceId source, List<ByteRange> ranges) {
            return new Ack(Optional.of(source), ranges, List.of(), Optional.empty(), 0);
        }

        public static Ack ofLosses(SourceId source, List<Long> lost) {
            return new Ack(Optional.of(source), List.of(), lost, Optional.empty(), 0);
        }

        /** All events of {@code spool} up to and including {@code seq}. */
        public static Ack of(String spool, long seq) {
            return new Ack(Optional.empty(), List.of(), List.of(), Optional.of(spool), seq);
        }
    }

    /** Replaces the credit of {@link Welcome}; 0 stops the lines, never the events. */
    record Credit(long bytes) implements Frame {}
}
