package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The findings that stand, over many rounds of checks. Each remembers since when; it shows only after it was there for a
 * while, and goes only after it was not there for a while, so that nothing flaps. What a check said stands while the
 * check cannot be made. One writer; not for use by several threads.
 */
public final class FindingBoard {
    /** More than a node with everything wrong has; past it new ones wait until old ones go. */
    private static final int MAX_FINDINGS = 1000;

    private final Duration untilShown;
    private final Duration untilGone;
    private final Map<FindingKey, Note> notes = new HashMap<>();

    /**
     * @param untilShown how long a finding must be there before it shows
     * @param untilGone how long it must be absent before it goes
     */
    public FindingBoard(Duration untilShown, Duration untilGone) {
        this.untilShown = untilShown;
        this.untilGone = untilGone;
    }

    /** Takes one round; gives what stands, the worst first, with the time each was first seen. */
    public List<Finding> update(List<CheckResult> results, Instant now) {
        Set<FindingKey> seen = new HashSet<>();
        Set<String> unknown = new HashSet<>();
        for (CheckResult result : results) {
            if (!result.isKnown()) {
                unknown.add(result.check());
            }
            for (Finding finding : result.findings()) {
                seen.add(finding.key());
                see(result.check(), finding, now);
            }
        }
        notes.replaceAll((key, note) -> seen.contains(key) || unknown.contains(note.check) ? note : note.absent(now));
        notes.values().removeIf(note -> note.hasGone(untilGone, now));
        return Doctor.inOrder(notes.values().stream()
                .filter(note -> note.isShown(untilShown))
                .map(Note::shown)
                .toList());
    }

    private void see(String check, Finding finding, Instant now) {
        Note note = notes.get(finding.key());
        if (note == null && notes.size() >= MAX_FINDINGS) {
            return;
        }
        Instant firstSeen = note == null || note.hasGone(untilGone, now) ? now : note.firstSeen;
        notes.put(finding.key(), new Note(check, finding, firstSeen, now, null));
    }

    /** @param absentSince the first round that answered without it; null while it is there */
    private record Note(
            String check,
            Finding finding,
            Instant firstSeen,
            Instant lastSeen,
            @Nullable Instant absentSince) {
        Note absent(Instant now) {
            return absentSince == null ? new Note(check, finding, firstSeen, lastSeen, now) : this;
        }

        boolean hasGone(Duration untilGone, Instant now) {
            return absentSince != null && !absentSince.plus(untilGone).isAfter(now);
        }

        boolean isShown(Duration untilShown) {
            return !firstSeen.plus(untilShown).isAfter(lastSeen);
        }

        Finding shown() {
            return new Finding(
                    finding.key(),
                    finding.severity(),
                    finding.title(),
                    finding.detail(),
                    finding.remedy(),
                    finding.causes(),
                    firstSeen);
        }
    }
}
