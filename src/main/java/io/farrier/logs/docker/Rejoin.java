package io.farrier.logs.docker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One stream of a log that is gone on with: what was copied before is left out. Looked for is the last piece that was
 * copied, not merely its time: a clock that was set back gives later lines an earlier time.
 */
final class Rejoin {
    /** That so much follows before the last piece shows that it is gone. */
    private static final long MAX_KEPT_BYTES = 1 << 20;

    private final Optional<Mark> mark;
    private final List<LogPiece> kept = new ArrayList<>();
    private long keptBytes;
    private int seen;
    private boolean isOver;
    private boolean isLost;

    private Rejoin(Optional<Mark> mark) {
        this.mark = mark;
        this.isOver = mark.isEmpty();
    }

    static Rejoin behind(Mark mark) {
        return new Rejoin(Optional.of(mark));
    }

    /** Of a stream of which nothing is told that was copied before. */
    static Rejoin atOnce() {
        return new Rejoin(Optional.empty());
    }

    /** @return what is new */
    List<LogPiece> take(LogPiece piece) {
        if (isOver) {
            return List.of(piece);
        }
        int order = mark.map(last -> piece.time().compareTo(last.time())).orElse(0);
        if (order == 0 && mark.filter(last -> last.count() == ++seen).isPresent()) {
            isOver = true;
            kept.clear();
        } else if (order > 0) {
            kept.add(piece);
            keptBytes += piece.text().length;
        }
        return keptBytes > MAX_KEPT_BYTES ? end() : List.of();
    }

    /** Nothing more comes for now, so that the last piece will not either. */
    List<LogPiece> end() {
        if (isOver) {
            return List.of();
        }
        isOver = true;
        isLost = true;
        List<LogPiece> late = List.copyOf(kept);
        kept.clear();
        keptBytes = 0;
        return late;
    }

    boolean isOver() {
        return isOver;
    }

    /** True when the last piece is not there any more, nor perhaps others after it. */
    boolean isLost() {
        return isLost;
    }
}
