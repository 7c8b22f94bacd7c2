package io.farrier.keep;

import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Consequence;
import io.farrier.plan.Withheld;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts each wanted change to the allowance. Where there is more than one way to bring a change into effect, the first that
 * is allowed is taken: a restart, else to wait for the next start.
 */
public final class Proposals {
    private final Allowance allowance;
    private final List<Optional<Consequence>> ways;
    private final List<Change> changes = new ArrayList<>();
    private final List<Withheld> withheld = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    /** @param ways what it takes to bring a document's change into effect, the best first; at least one */
    public Proposals(Allowance allowance, List<Optional<Consequence>> ways) {
        this.allowance = allowance;
        this.ways = List.copyOf(ways);
    }

    /** For what is in effect as soon as it is written. */
    public Proposals(Allowance allowance) {
        this(allowance, List.of(Optional.empty()));
    }

    /** Takes the change up if it is allowed in one of the ways. */
    public boolean propose(Change change) {
        Optional<Withheld> objection = Optional.empty();
        for (Optional<Consequence> way : ways) {
            Change inThisWay = with(change, way);
            objection = allowance.objection(inThisWay);
            if (objection.isEmpty()) {
                changes.add(inThisWay);
                return true;
            }
        }
        objection.ifPresent(withheld::add);
        return false;
    }

    /** The same for a change that needs no daemon to notice. */
    public boolean proposeAtOnce(Change change) {
        Optional<Withheld> objection = allowance.objection(change);
        objection.ifPresentOrElse(withheld::add, () -> changes.add(change));
        return objection.isEmpty();
    }

    /** The same for what goes because something else is in its place: nothing is lost by it. */
    public boolean proposeReplaced(Change removal) {
        Change asChange = new Change(
                Change.Kind.CHANGE,
                removal.key(),
                removal.before(),
                removal.after(),
                removal.about(),
                removal.consequence());
        Optional<Withheld> objection = allowance.objection(asChange);
        objection.ifPresentOrElse(withheld::add, () -> changes.add(removal));
        return objection.isEmpty();
    }

    /** Says what is not as it should be, and cannot be changed by farrier. */
    public void withhold(Change change, String because) {
        withheld.add(new Withheld(change, because, List.of()));
    }

    /** Says that what is wanted was there without farrier: it stays when it is no longer wanted (SAFETY 53). */
    public void notOurs(String what) {
        remarks.add(notOursWords(what));
    }

    public static String notOursWords(String what) {
        return what + " is already present, not ours";
    }

    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    public List<Change> changes() {
        return List.copyOf(changes);
    }

    public List<Withheld> withheld() {
        return List.copyOf(withheld);
    }

    /** True when a daemon is restarted for what was taken up. */
    public boolean restarts() {
        return changes.stream().anyMatch(Change::needsRestart);
    }

    private static Change with(Change change, Optional<Consequence> consequence) {
        return new Change(change.kind(), change.key(), change.before(), change.after(), change.about(), consequence);
    }
}
