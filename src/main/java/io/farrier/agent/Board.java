package io.farrier.agent;

import io.farrier.check.CheckResult;
import io.farrier.check.FindingBoard;
import io.farrier.finding.Finding;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All open findings, by the lane that found them, and whether they are news. */
final class Board {
    /** What is cured within the next round was never worth a line. */
    private static final Duration UNTIL_SHOWN = Duration.ofSeconds(2);

    private static final Duration UNTIL_GONE = Duration.ofSeconds(2);

    /** At a start findings would vanish and come back, if each lane's first word were told alone. */
    private static final Duration GATHER = Duration.ofSeconds(20);

    private final Clock clock;
    private final Set<String> lanes;
    private final Instant begun;
    private final Map<String, List<CheckResult>> byLane = new TreeMap<>();
    private final FindingBoard board = new FindingBoard(UNTIL_SHOWN, UNTIL_GONE);
    private List<Finding> told = List.of();
    private boolean wasTold;

    /** @param lanes all who will report; the first news wait for them, but not for ever */
    Board(Clock clock, Set<String> lanes) {
        this.clock = clock;
        this.lanes = Set.copyOf(lanes);
        this.begun = clock.instant();
    }

    /** All that {@code lane} finds now; what it does not name any more is over. */
    void put(String lane, List<Finding> findings) {
        putResults(lane, List.of(new CheckResult(lane, true, findings)));
    }

    /** The same, of a lane that makes several checks, some of which may not have been possible. */
    synchronized void putResults(String lane, List<CheckResult> results) {
        byLane.put(lane, List.copyOf(results));
    }

    synchronized List<Finding> open() {
        List<CheckResult> results =
                byLane.values().stream().flatMap(List::stream).toList();
        return board.update(results, clock.instant());
    }

    /** The open findings, when they are not those of the last call. */
    synchronized Optional<List<Finding>> news() {
        List<Finding> now = open();
        boolean isGathering = !byLane.keySet().containsAll(lanes)
                && Duration.between(begun, clock.instant()).compareTo(GATHER) < 0;
        if (isGathering || (wasTold && now.equals(told))) {
            return Optional.empty();
        }
        wasTold = true;
        told = now;
        return Optional.of(now);
    }
}
