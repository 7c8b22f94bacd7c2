package io.farrier.logs.docker;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How far both streams of a container have been copied; null where nothing came yet. */
record Marks(@Nullable Mark out, @Nullable Mark err) {
    static final Marks NONE = new Marks(null, null);

    /** Two streams are stamped side by side, so that one's line may stand behind a later one of the other. */
    private static final Duration CROSSING = Duration.ofSeconds(1);

    Marks with(LogPiece piece) {
        Mark before = of(piece.isStderr());
        int count = before != null && before.time().equals(piece.time()) ? before.count() + 1 : 1;
        Mark mark = Mark.of(piece, count);
        return piece.isStderr() ? new Marks(out, mark) : new Marks(mark, err);
    }

    /** From when on to read, so that nothing that was not copied is older; empty before the first piece. */
    Optional<Instant> since() {
        Optional<Instant> latest =
                both().map(Mark::time).max(Instant::compareTo).map(time -> time.minus(CROSSING));
        // What follows of an open line has the time of its beginning.
        return latest.flatMap(time -> Stream.concat(
                        Stream.of(time), both().filter(Mark::isOpen).map(Mark::time))
                .min(Instant::compareTo));
    }

    boolean isWithinLine() {
        return both().anyMatch(Mark::isOpen);
    }

    Rejoin rejoin(boolean isStderr, Instant since) {
        Mark mark = of(isStderr);
        return mark == null || mark.time().isBefore(since) ? Rejoin.atOnce() : Rejoin.behind(mark);
    }

    private @Nullable Mark of(boolean isStderr) {
        return isStderr ? err : out;
    }

    private Stream<Mark> both() {
        return Stream.of(Optional.ofNullable(out), Optional.ofNullable(err)).flatMap(Optional::stream);
    }
}
