package io.farrier.cli;

import io.farrier.plan.Change;
import io.farrier.plan.Consequence;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Withheld;
import java.util.Locale;
import java.util.stream.Stream;

/** Plans as people read them: a diff with {@code + ~ -}, what each line costs, and a closing count. */
final class PlanScreen {
    private final Screen screen;

    PlanScreen(Screen screen) {
        this.screen = screen;
    }

    void show(NodePlan plan) {
        plan.files().stream()
                .filter(file -> !file.isNoop() || !file.remarks().isEmpty())
                .forEach(this::show);
        screen.line(Screen.Colour.BOLD, closing(plan));
    }

    private void show(FilePlan file) {
        screen.line(Screen.Colour.BOLD, file.resource().toString());
        file.changes().forEach(this::show);
        file.remarks().forEach(remark -> screen.line("  = " + remark));
        file.withheld().forEach(this::show);
        file.refusal().ifPresent(reason -> screen.line(Screen.Colour.RED, "  ! refused: " + reason.sentence()));
        screen.blank();
    }

    private void show(Change change) {
        screen.line(ink(change.kind()), "  " + change.kind().sign() + " " + describe(change));
    }

    private void show(Withheld withheld) {
        screen.line(Screen.Colour.YELLOW, "  ! withheld: " + describe(withheld.change()));
        screen.line("      " + withheld.because());
        if (!withheld.wouldStop().isEmpty()) {
            screen.line("      it would stop: " + String.join(", ", withheld.wouldStop()));
        }
    }

    private static String describe(Change change) {
        String values = switch (change.kind()) {
            case ADD -> change.after().map(after -> ": " + after).orElse("");
            case REMOVE -> change.before().map(before -> ": " + before).orElse("");
            case CHANGE ->
                ": " + change.before().orElse("(none)") + " -> "
                        + change.after().orElse("(none)");
        };
        return change.key()
                + values
                + change.consequence().map(PlanScreen::cost).orElse("");
    }

    private static String cost(Consequence consequence) {
        String what = consequence.action().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return "   (" + what + " of " + consequence.daemon() + ")";
    }

    private static String closing(NodePlan plan) {
        if (plan.isNoop()) {
            return "Nothing to do: the node is as configured.";
        }
        long add = count(plan, Change.Kind.ADD);
        long change = count(plan, Change.Kind.CHANGE);
        long remove = count(plan, Change.Kind.REMOVE);
        long withheld =
                plan.files().stream().mapToLong(f -> f.withheld().size()).sum();
        long refused =
                plan.files().stream().filter(f -> f.refusal().isPresent()).count();
        return "Plan: " + add + " to add, " + change + " to change, " + remove + " to remove"
                + (withheld > 0 ? ", " + withheld + " withheld" : "")
                + (refused > 0 ? ", " + refused + " refused" : "")
                + ".";
    }

    private static long count(NodePlan plan, Change.Kind kind) {
        Stream<Change> changes = plan.files().stream().flatMap(file -> file.changes().stream());
        return changes.filter(change -> change.kind() == kind).count();
    }

    private static Screen.Colour ink(Change.Kind kind) {
        return switch (kind) {
            case ADD -> Screen.Colour.GREEN;
            case CHANGE -> Screen.Colour.YELLOW;
            case REMOVE -> Screen.Colour.RED;
        };
    }
}
