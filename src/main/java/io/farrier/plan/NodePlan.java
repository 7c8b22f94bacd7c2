package io.farrier.plan;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that would change on a node, file by file. */
public record NodePlan(List<FilePlan> files) {
    public NodePlan {
        files = List.copyOf(files);
    }

    /** All edits, in the order in which they must run. */
    public List<Edit> edits() {
        return files.stream()
                .flatMap(file -> file.edits().stream())
                .sorted(Comparator.comparing(Edit::phase))
                .toList();
    }

    /** What each daemon is made to do; a restart includes a reload. */
    public Map<DaemonName, Consequence.Action> actions() {
        Map<DaemonName, Consequence.Action> actions = new TreeMap<>();
        files.stream()
                .flatMap(file -> file.changes().stream())
                .filter(change -> !change.waitsForNextStart())
                .flatMap(change -> change.consequence().stream())
                .forEach(c -> actions.merge(c.daemon(), c.action(), (a, b) -> a.compareTo(b) >= 0 ? a : b));
        return actions;
    }

    /** True when nothing would be written and nothing is withheld or refused. */
    public boolean isNoop() {
        return files.stream().allMatch(FilePlan::isNoop);
    }
}
