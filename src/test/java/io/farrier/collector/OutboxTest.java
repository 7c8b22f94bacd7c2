package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.feed.Frame.Ack;
import io.farrier.feed.Frame.Credit;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.SourceId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutboxTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = 5_000 * SECOND;
    private static final SourceId SOURCE = new SourceId("a");

    private final List<Frame> wire = new ArrayList<>();
    private final Outbox outbox = new Outbox(wire::add, START);

    @Test
    void acksOfASourceMeltIntoOne() {
        outbox.ack(SOURCE, new ByteRange(0, 10));
        outbox.ack(SOURCE, new ByteRange(20, 30));
        outbox.ack(SOURCE, new ByteRange(10, 15));
        outbox.flush(START);

        assertThat(wire).containsExactly(Ack.of(SOURCE, List.of(new ByteRange(0, 15), new ByteRange(20, 30))));
    }

    @Test
    void creditComesFirstThenEventsThenLossesThenLines() {
        outbox.ackLoss(SOURCE, 900);
        outbox.ackLoss(SOURCE, 5);
        outbox.ack(SOURCE, new ByteRange(0, 10));
        outbox.ack("spool", 7);
        outbox.ack("spool", 9);
        outbox.credit(0);
        outbox.flush(START);

        assertThat(wire)
                .containsExactly(
                        new Credit(0),
                        Ack.of("spool", 9),
                        Ack.ofLosses(SOURCE, List.of(5L, 900L)),
                        Ack.of(SOURCE, List.of(new ByteRange(0, 10))));
    }

    @Test
    void noAgentIsSentMoreThanItBearsInAnySecond() {
        List<Long> sentAt = new ArrayList<>();
        for (long now = START; now < START + 3 * SECOND; now += SECOND / 1000) {
            for (int i = 0; i < 10; i++) {
                outbox.ack(new SourceId("s" + sentAt.size() + "-" + i), new ByteRange(0, 1));
            }
            int before = wire.size();
            outbox.flush(now);
            for (int i = before; i < wire.size(); i++) {
                sentAt.add(now);
            }
        }

        for (long from : sentAt) {
            assertThat(sentAt.stream().filter(at -> at >= from && at < from + SECOND))
                    .hasSizeLessThan(100);
        }
        assertThat(sentAt).hasSizeGreaterThan(150);
    }

    @Test
    void tellsWhenToComeBackWhileSomethingIsLeft() {
        for (int i = 0; i < Outbox.BURST + 1; i++) {
            outbox.ack(new SourceId("s" + i), new ByteRange(0, 1));
        }

        long wait = outbox.flush(START).orElseThrow();
        assertThat(wire).hasSize(Outbox.BURST);
        assertThat(outbox.flush(START + wait)).isEmpty();
        assertThat(wire).hasSize(Outbox.BURST + 1);
    }

    @Test
    void anAckWithManyGapsIsCutToWhatAnAgentAccepts() {
        for (long i = 0; i < 3 * FrameCodec.MAX_ACK_RANGES; i++) {
            outbox.ack(SOURCE, new ByteRange(Long.MAX_VALUE / 2 + 2 * i, Long.MAX_VALUE / 2 + 2 * i + 1));
            outbox.ackLoss(SOURCE, Long.MAX_VALUE / 2 + i);
        }
        outbox.flush(START);

        assertThat(wire)
                .hasSize(6)
                .allSatisfy(frame -> assertThat(FrameCodec.encode(frame).remaining())
                        .isLessThanOrEqualTo(FrameCodec.MAX_CONTROL_BYTES));
    }
}
