package io.farrier.logs.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RejoinTest {
    @Test
    void goesOnBehindTheLastLine() {
        List<LogPiece> log = List.of(line(1, "a"), line(2, "b"), line(3, "c"));
        Marks marks = marks(log.subList(0, 2));

        assertThat(rejoined(log, marks)).containsExactly("c");
    }

    @Test
    void piecesOfOneLineShareItsTimeAndAreCounted() {
        List<LogPiece> log = List.of(part(1, "x"), part(1, "x"), part(1, "x"), line(1, "end"), line(2, "next"));

        for (int read = 1; read < log.size(); read++) {
            assertThat(rejoined(log, marks(log.subList(0, read)))).isEqualTo(texts(log.subList(read, log.size())));
        }
    }

    @Test
    void ofAnOpenLineAllIsAskedForHoweverLongAgoItBegan() {
        LogPiece begun = DockerStreams.piece(0, false, "slow", false);
        Marks marks = marks(List.of(begun, DockerStreams.piece(60_000_000_000L, true, "meanwhile", true)));

        assertThat(marks.since()).contains(begun.time());
    }

    @Test
    void aClockThatWasSetBackRepeatsNothing() {
        List<LogPiece> log = List.of(
                line(2_000_000_000L, "a"),
                line(3_000_000_000L, "b"),
                line(1_500_000_000L, "back"),
                line(1_600_000_000L, "new"));

        assertThat(rejoined(log, marks(log.subList(0, 3)))).containsExactly("new");
    }

    @Test
    void whenTheLastLineIsGoneWhatThereIsIsTakenAndALossIsSaid() {
        Marks marks = marks(List.of(line(1, "rotated away")));
        Rejoin rejoin = marks.rejoin(false, marks.since().orElseThrow());

        List<String> taken = new ArrayList<>(texts(rejoin.take(line(5, "later"))));
        assertThat(taken).isEmpty();
        assertThat(rejoin.isLost()).isFalse();
        taken.addAll(texts(rejoin.end()));

        assertThat(taken).containsExactly("later");
        assertThat(rejoin.isLost()).isTrue();
        assertThat(texts(rejoin.take(line(6, "and on")))).containsExactly("and on");
        assertThat(texts(rejoin.end())).isEmpty();
    }

    @Test
    void whatIsKeptWhileTheLastLineIsLookedForIsBounded() {
        Marks marks = marks(List.of(line(1, "gone")));
        Rejoin rejoin = marks.rejoin(false, marks.since().orElseThrow());
        String long1 = "x".repeat(16_000);

        int taken = 0;
        for (int i = 0; i < 200; i++) {
            taken += rejoin.take(line(2 + i, long1)).size();
        }

        assertThat(taken).isEqualTo(200);
        assertThat(rejoin.isLost()).isTrue();
    }

    @Test
    void aStreamThatWasSilentForLongIsNotLookedFor() {
        LogPiece old = DockerStreams.piece(0, true, "days ago", true);
        Marks marks = marks(List.of(old, line(86_400_000_000_000L, "now")));
        Instant since = marks.since().orElseThrow();
        Rejoin err = marks.rejoin(true, since);

        assertThat(texts(err.take(DockerStreams.piece(86_400_000_000_001L, true, "again", true))))
                .containsExactly("again");
        assertThat(err.isLost()).isFalse();
    }

    /** Two streams whose times cross, long lines in pieces, interrupted anywhere again and again. */
    @RepeatedTest(50)
    void interruptedAnywhereEveryPieceIsTakenOnce(RepetitionInfo run) {
        Random random = new Random(run.getCurrentRepetition());
        List<LogPiece> log = log(random);
        List<String> taken = new ArrayList<>();
        Marks marks = Marks.NONE;
        int at = 0;
        while (at < log.size()) {
            int stop = Math.min(log.size(), at + random.nextInt(10));
            Instant since = marks.since().orElse(Instant.EPOCH);
            Rejoin out = marks.rejoin(false, since);
            Rejoin err = marks.rejoin(true, since);
            for (LogPiece piece : log.subList(0, stop)) {
                if (!piece.time().isBefore(since)) {
                    for (LogPiece fresh : (piece.isStderr() ? err : out).take(piece)) {
                        marks = marks.with(fresh);
                        taken.add(DockerStreams.text(fresh));
                    }
                }
            }
            assertThat(out.isLost() || err.isLost()).isFalse();
            at = Math.max(stop, at);
        }

        assertThat(taken)
                .containsExactlyElementsOf(log.stream().map(DockerStreams::text).toList());
    }

    private static List<LogPiece> log(Random random) {
        List<LogPiece> log = new ArrayList<>();
        long[] at = new long[2];
        boolean[] isOpen = new boolean[2];
        for (int i = 0; i < 200; i++) {
            int stream = random.nextInt(2);
            if (!isOpen[stream]) {
                long jump = random.nextInt(20) == 0 ? 5_000_000_000L : 100_000;
                at[stream] = Math.max(at[stream], Math.max(at[0], at[1]) - 200_000)
                        + 1
                        + (long) (random.nextDouble() * jump);
            }
            isOpen[stream] = random.nextInt(4) == 0;
            log.add(DockerStreams.piece(at[stream], stream == 1, "piece " + i, !isOpen[stream]));
        }
        return log;
    }

    private static Marks marks(List<LogPiece> read) {
        Marks marks = Marks.NONE;
        for (LogPiece piece : read) {
            marks = marks.with(piece);
        }
        return marks;
    }

    /** Of what dockerd gives from the time on that the marks ask for. */
    private static List<String> rejoined(List<LogPiece> log, Marks marks) {
        Instant since = marks.since().orElseThrow();
        Rejoin rejoin = marks.rejoin(false, since);
        List<LogPiece> fresh = new ArrayList<>();
        log.stream().filter(piece -> !piece.time().isBefore(since)).forEach(piece -> fresh.addAll(rejoin.take(piece)));
        fresh.addAll(rejoin.end());
        assertThat(rejoin.isLost()).isFalse();
        return texts(fresh);
    }

    private static List<String> texts(List<LogPiece> pieces) {
        return pieces.stream()
                .map(piece -> new String(piece.text(), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    private static LogPiece line(long nanos, String text) {
        return DockerStreams.piece(nanos, false, text, true);
    }

    private static LogPiece part(long nanos, String text) {
        return DockerStreams.piece(nanos, false, text, false);
    }
}
