package io.farrier.reconcile;

import io.farrier.ledger.Ledger;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Change;
import io.farrier.plan.Claim;
import io.farrier.plan.Consequence.Action;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.NodePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A plan as commands for a shell, in the order in which {@link Transaction} does the same, so that it can be read,
 * approved and done without farrier. File contents are not in it, because they may hold credentials, the neighbours'
 * included: they lie in a folder beside it, readable by their owner alone.
 */
public final class HandScript {
    private static final String TEMP_SUFFIX = ".farrier-tmp";

    private final NodeFiles files;
    private final Ledger ledger;

    public HandScript(NodeFiles files, Ledger ledger) {
        this.files = files;
        this.ledger = ledger;
    }

    /** @param staged where {@link #stage} puts the contents */
    public List<String> lines(NodePlan plan, Path staged) throws IOException {
        List<Edit> edits = plan.edits();
        List<String> lines = new ArrayList<>(List.of(
                "#!/bin/sh",
                "# What 'farrier apply' would do, by hand. It ends at the first thing that is not as it was when this was made.",
                "# What you put there is yours: farrier will not take it out again.",
                "set -eu",
                "staged=" + quoted(staged)));
        plan.files().forEach(file -> lines.addAll(comments(file)));
        lines.addAll(checks(edits));
        lines.addAll(folders(edits));
        lines.addAll(writes(edits, Set.of(Phase.ADD_TRUST, Phase.DOCUMENT)));
        plan.actions().forEach((daemon, action) -> lines.addAll(wake(daemon, action)));
        lines.addAll(writes(edits, Set.of(Phase.DROP_TRUST)));
        lines.addAll(foldersGivenUp(plan));
        return List.copyOf(lines);
    }

    /** Writes the new contents: a folder 0700 that must not be there yet, with a file 0600 for each edit. */
    public void stage(NodePlan plan, Path staged) throws IOException {
        Files.createDirectory(
                staged, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<Edit> edits = plan.edits();
        for (int at = 0; at < edits.size(); at++) {
            if (!edits.get(at).after().isAbsent()) {
                Path file = staged.resolve(name(at));
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.write(file, edits.get(at).after().content(), StandardOpenOption.SYNC);
            }
        }
    }

    private static String name(int at) {
        return Integer.toString(at + 1);
    }

    private static List<String> comments(FilePlan file) {
        List<String> lines = new ArrayList<>();
        if (!file.isNoop()) {
            lines.add("");
            lines.add(comment(file.resource().value()));
        }
        file.changes().forEach(change -> lines.add(comment("  " + sentence(change))));
        file.withheld()
                .forEach(held -> lines.add(
                        comment("  not here, withheld: " + sentence(held.change()) + " (" + held.because() + ")")));
        file.refusal().ifPresent(reason -> lines.add(comment("  not here, refused: " + reason.sentence())));
        return lines;
    }

    private static String sentence(Change change) {
        String cost = change.consequence()
                .map(needed ->
                        " (" + needed.action().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " of "
                                + needed.daemon() + ")")
                .orElse("");
        return change.kind().sign() + " " + change.key() + ": "
                + change.before().orElse("(none)") + " -> " + change.after().orElse("(none)") + cost;
    }

    /** A line end in foreign text would let it run as a command. */
    private static String comment(String text) {
        return "# " + text.replaceAll("[\\p{Cntrl}\u2028\u2029\u0085]", "?");
    }

    private List<String> checks(List<Edit> edits) throws IOException {
        List<String> lines = new ArrayList<>(List.of("", "# As it was?"));
        Set<Path> seen = new HashSet<>();
        for (Edit edit : edits) {
            if (seen.add(edit.path())) {
                Path file = files.locate(edit.path());
                lines.add(
                        edit.before().isAbsent()
                                ? "test ! -e " + quoted(file)
                                : "echo " + quoted(sha256(edit.before()) + "  " + file) + " | sha256sum -c --quiet");
            }
        }
        return edits.isEmpty() ? List.of() : lines;
    }

    private static String sha256(FileState state) {
        return state.fingerprint().substring("sha256:".length());
    }

    private List<String> folders(List<Edit> edits) throws IOException {
        Set<Path> made = new java.util.LinkedHashSet<>();
        for (Edit edit : edits) {
            Path parent = edit.path().getParent();
            if (parent != null && !edit.after().isAbsent()) {
                made.addAll(files.missingFolders(parent));
            }
        }
        List<String> lines = new ArrayList<>();
        for (Path folder : made) {
            lines.add("install -d -m 0755 " + quoted(files.locate(folder)));
        }
        return lines;
    }

    private List<String> writes(List<Edit> edits, Set<Phase> phases) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Stroke stroke : Stroke.of(edits)) {
            if (phases.contains(stroke.edits().get(0).phase())) {
                lines.addAll(warning(stroke));
                for (Edit edit : stroke.edits()) {
                    lines.addAll(write(edit, "\"$staged\"/" + name(edits.indexOf(edit))));
                }
            }
        }
        return lines;
    }

    /** No shell has what it takes everywhere: mv learnt to exchange in coreutils 9.5. */
    private static List<String> warning(Stroke stroke) {
        return stroke.edits().size() == 1
                ? List.of()
                : List.of("", comment("farrier does these in one step; here pulls that begin in between fail."));
    }

    /** An existing file keeps owner, ACL and labels; the temporary name has an ending that no daemon reads. */
    private List<String> write(Edit edit, String content) throws IOException {
        Path file = files.locate(edit.path());
        if (edit.after().isAbsent()) {
            return List.of("", "rm " + quoted(file));
        }
        String temp = quoted(file.resolveSibling("." + file.getFileName() + TEMP_SUFFIX));
        String mode = String.format(Locale.ROOT, "%04o", edit.after().mode());
        List<String> lines = new ArrayList<>();
        lines.add("");
        if (edit.before().isAbsent()) {
            lines.add("install -m " + mode + " " + content + " " + temp);
        } else {
            lines.add("cp -a " + quoted(file) + " " + temp);
            lines.add("cat " + content + " >" + temp);
            lines.add("chmod " + mode + " " + temp);
        }
        lines.add("mv " + temp + " " + quoted(file));
        return lines;
    }

    private List<String> wake(DaemonName daemon, Action action) {
        if (!files.isThisNode()) {
            return List.of();
        }
        return switch (action) {
            case NEXT_START -> List.of("", comment("In effect when " + daemon + " starts the next time."));
            case RESTART -> List.of("", "systemctl restart " + quoted(daemon.value()));
            case RELOAD ->
                List.of(
                        "",
                        comment("Exit 0 proves nothing: compare 'docker info' with what is wanted."),
                        "systemctl reload " + quoted(daemon.value()) + " || kill -HUP \"$(cat /run/" + daemon
                                + ".pid)\"");
        };
    }

    private List<String> foldersGivenUp(NodePlan plan) throws IOException {
        List<String> lines = new ArrayList<>();
        for (FilePlan file : plan.files()) {
            List<Path> givenUp = ledger.ownership(file.resource()).claims().stream()
                    .filter(claim -> claim.kind() == Claim.Kind.FOLDER
                            && file.refusal().isEmpty()
                            && !file.claims().contains(claim))
                    .map(Claim::path)
                    .sorted(Comparator.reverseOrder())
                    .toList();
            for (Path folder : givenUp) {
                lines.add("rmdir --ignore-fail-on-non-empty " + quoted(files.locate(folder)));
            }
        }
        return lines;
    }

    private static String quoted(Path path) {
        return quoted(path.toString());
    }

    /** POSIX shell: within single quotes only a single quote is special. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
