package io.farrier.images;

import io.farrier.image.Reference;
import io.farrier.runtime.PullListener;
import java.time.Clock;
import java.time.Duration;

/** Passes on what a pull says of itself, four times a second at most. dockerd says it ten times, for each layer. */
final class SteadyListener implements PullListener {
    private static final Duration INTERVAL = Duration.ofMillis(250);

    private final Reference reference;
    private final PullBoard board;
    private final Clock clock;
    private long nextMillis = Long.MIN_VALUE;

    SteadyListener(Reference reference, PullBoard board, Clock clock) {
        this.reference = reference;
        this.board = board;
        this.clock = clock;
    }

    @Override
    public void progress(PullProgress progress) {
        long now = clock.millis();
        if (now >= nextMillis) {
            nextMillis = now + INTERVAL.toMillis();
            board.progress(reference.toString(), progress.doneBytes(), progress.totalBytes(), progress.note());
        }
    }
}
