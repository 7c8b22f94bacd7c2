package io.farrier.agent;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All open findings, by who found them; each keeps the time at which it was first seen. */
final class Board {
    /** At a start findings would vanish and come back, if each lane's first word were told alone. */
    private static final Duration GATHER = Duration.ofSeconds(20);

    private final Clock clock;
    private final Set<String> sources;
    private final Instant begun;
    private final Map<String, List<Finding>> bySource = new TreeMap<>();
    private final Map<FindingKey, Instant> since = new HashMap<>();
    private List<Finding> told = List.of();
    private boolean wasTold;

    /** @param sources all who will report; the first news wait for them, but not for ever */
    Board(Clock clock, Set<String> sources) {
        this.clock = clock;
        this.sources = Set.copyOf(sources);
        this.begun = clock.instant();
    }

    /** All that {@code source} finds now; what it does not name any more is over. */
    synchronized void put(String source, List<Finding> findings) {
        bySource.put(source, List.copyOf(findings));
    }

    synchronized List<Finding> open() {
        Map<FindingKey, Finding> open = new TreeMap<>();
        bySource.values().forEach(findings -> findings.forEach(finding -> open.putIfAbsent(finding.key(), finding)));
        since.keySet().retainAll(open.keySet());
        List<Finding> dated = new ArrayList<>();
        open.values().forEach(finding -> dated.add(dated(finding)));
        return List.copyOf(dated);
    }

    /** The open findings, when they are not those of the last call. */
    synchronized Optional<List<Finding>> news() {
        List<Finding> now = open();
        boolean isGathering = !bySource.keySet().containsAll(sources)
                && Duration.between(begun, clock.instant()).compareTo(GATHER) < 0;
        if (isGathering || (wasTold && now.equals(told))) {
            return Optional.empty();
        }
        wasTold = true;
        told = now;
        return Optional.of(now);
    }

    private Finding dated(Finding finding) {
        Instant first = since.computeIfAbsent(finding.key(), key -> clock.instant());
        return new Finding(
                finding.key(),
                finding.severity(),
                finding.title(),
                finding.detail(),
                finding.remedy(),
                finding.causes(),
                first);
    }
}
