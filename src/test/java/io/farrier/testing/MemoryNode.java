package io.farrier.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.ledger.Ownership;
import io.farrier.plan.Change;
import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.ResourceName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The files of one resource in memory, and what is ours of them. Plans are carried out, and the laws of DESIGN asserted. */
public final class MemoryNode {
    private final TreeMap<Path, FileState> files = new TreeMap<>();
    private Ownership ours;

    public MemoryNode(ResourceName resource, Map<Path, FileState> prior) {
        this.ours = Ownership.none(resource);
        prior.forEach(this::put);
    }

    /** Plans for a node with these files. */
    @FunctionalInterface
    public interface Planner {
        FilePlan plan(MemoryNode node);
    }

    public Ownership ours() {
        return ours;
    }

    public Map<Path, FileState> files() {
        return Map.copyOf(files);
    }

    public FileState file(Path path) {
        return files.getOrDefault(path, FileState.ABSENT);
    }

    /** The files of one folder, by name. */
    public Map<String, FileState> folder(Path folder) {
        return files.entrySet().stream()
                .filter(file -> folder.equals(file.getKey().getParent()))
                .collect(Collectors.toMap(file -> file.getKey().getFileName().toString(), Map.Entry::getValue));
    }

    /** A folder is there while a file is in it. */
    public List<Path> missingFolders(Path folder) {
        List<Path> missing = new ArrayList<>();
        for (Path each = folder; each.getNameCount() > 2 && !isThere(each); each = each.getParent()) {
            missing.add(each);
        }
        Collections.reverse(missing);
        return missing;
    }

    private boolean isThere(Path folder) {
        return files.keySet().stream().anyMatch(file -> file.startsWith(folder));
    }

    public void apply(Planner planner) {
        apply(planner, () -> {});
    }

    /** @param reload what a daemon does once the documents are written */
    public void apply(Planner planner, Runnable reload) {
        FilePlan plan = planner.plan(this);
        assertThat(plan.refusal()).as("%s", this).isEmpty();
        assertThat(planner.plan(this)).as("the same plan for the same node").isEqualTo(plan);
        write(plan, Set.of(Phase.ADD_TRUST, Phase.DOCUMENT));
        reload.run();
        assertGatePasses(planner.plan(this));
        write(plan, Set.of(Phase.DROP_TRUST));
        ours = ours.after(plan.edits(), plan.claims());
        settled(planner, plan);
    }

    private void assertGatePasses(FilePlan again) {
        assertThat(again.edits())
                .as("only drops are left at the gate: %s", this)
                .allMatch(edit -> edit.phase() == Phase.DROP_TRUST);
        assertThat(again.changes())
                .as("no daemon has to be told again: %s", this)
                .allMatch(change -> change.kind() == Change.Kind.REMOVE
                        && change.consequence().isEmpty());
    }

    private void settled(Planner planner, FilePlan plan) {
        FilePlan again = planner.plan(this);
        assertThat(again.edits()).as("%s", this).isEmpty();
        assertThat(again.changes()).as("%s", this).isEmpty();
        assertThat(again.claims()).as("%s", this).isEqualTo(plan.claims());
    }

    private void write(FilePlan plan, Set<Phase> phases) {
        for (Edit edit : plan.edits()) {
            if (phases.contains(edit.phase())) {
                assertThat(file(edit.path())).as("%s", edit.path()).isEqualTo(edit.before());
                put(edit.path(), edit.after());
            }
        }
    }

    private void put(Path path, FileState state) {
        if (state.isAbsent()) {
            files.remove(path);
        } else {
            files.put(path, state);
        }
    }

    /** As when somebody else wrote in between. */
    public void forgetOriginals() {
        TreeMap<Path, Ownership.Touched> touched = new TreeMap<>(ours.files());
        touched.replaceAll((path, known) -> new Ownership.Touched(Optional.empty(), known.written()));
        ours = new Ownership(ours.resource(), ours.claims(), touched);
    }

    /** Nothing of ours is left, and every byte and mode is as it was. */
    public void assertGivenBack(Map<Path, FileState> prior) {
        assertThat(text(files)).isEqualTo(text(prior));
        assertThat(files).isEqualTo(prior);
        assertThat(ours.claims().stream().filter(claim -> claim.kind() != Claim.Kind.FOLDER))
                .as("%s", ours)
                .isEmpty();
    }

    private static Map<Path, String> text(Map<Path, FileState> files) {
        Map<Path, String> text = new TreeMap<>();
        files.forEach((path, state) -> text.put(path, new String(state.content(), StandardCharsets.UTF_8)));
        return text;
    }

    @Override
    public String toString() {
        return text(files).entrySet().stream()
                .map(file -> "--- " + file.getKey() + "\n" + file.getValue())
                .collect(Collectors.joining("\n"));
    }
}
