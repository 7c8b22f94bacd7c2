package io.farrier.reconcile;

import io.farrier.ledger.By;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.Ownership;
import io.farrier.ledger.Released;
import io.farrier.ledger.Settled;
import io.farrier.node.Ground;
import io.farrier.node.LockFile;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeLock;
import io.farrier.node.OtherWriters;
import io.farrier.plan.Allowance;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes the node right and proves it. {@code farrier plan}, {@code farrier apply} and the agent's lane share this object. */
public final class Keeper {
    /** How often a plan is made again because a file changed under it; an editor saves once. */
    private static final int MAX_PLANS = 3;

    private final List<Resource<?>> resources;
    private final Ledger ledger;
    private final NodeLock lock;
    private final Brakes brakes;
    private final Repairs repairs;
    private final OtherWriters others;
    private final Ground ground;
    private final Transaction transaction;
    private final RefusalNotes refusals;
    private final Prover prover;
    private final Version version;
    private final UpgradeHold upgrade;
    private final QuietPlans quiet = new QuietPlans();
    private final Clock clock;

    /**
     * What is being applied, for the history.
     *
     * @param farrier its version
     * @param configuration a fingerprint of the whole configuration; another one ends a release
     */
    public record Version(String farrier, String configuration) {}

    /** @param daemons that may be told to read their files again; none below another root */
    public Keeper(
            List<Resource<?>> resources,
            NodeFiles files,
            Ledger ledger,
            NodeLock lock,
            Brakes brakes,
            Repairs repairs,
            Map<DaemonName, Daemon> daemons,
            Prover prover,
            Version version,
            Clock clock) {
        this.resources = List.copyOf(resources);
        this.ledger = ledger;
        this.lock = lock;
        this.brakes = brakes;
        this.repairs = repairs;
        this.others = new OtherWriters(files);
        this.ground = new Ground(files);
        this.transaction = new Transaction(files, ledger, daemons, clock);
        this.refusals = new RefusalNotes(ledger, lock, clock);
        this.prover = prover;
        this.version = version;
        this.upgrade = new UpgradeHold(ledger, files, version);
        this.clock = clock;
    }

    /** Observes and plans; writes nothing, takes no lock. What cannot be observed is a refusal of that resource alone. */
    public NodePlan plan(Order order) throws IOException {
        return look(order).plan();
    }

    /**
     * What a new version of farrier would change by itself, and leaves to an order.
     *
     * @param from the version that left the node as it is
     * @param plan what the order would do
     */
    public record Upgrade(String from, String to, NodePlan plan) {}

    /** What waits since an upgrade; empty nearly always. */
    public Optional<Upgrade> upgrade() throws IOException {
        Optional<Settled> before = upgrade.before();
        if (before.isEmpty()) {
            return Optional.empty();
        }
        Set<ResourceName> held = look(Order.agent()).held();
        List<FilePlan> waiting = plan(Order.byHand("upgrade")).files().stream()
                .filter(file -> held.contains(file.resource()))
                .toList();
        return waiting.isEmpty()
                ? Optional.empty()
                : Optional.of(new Upgrade(before.get().version(), version.farrier(), new NodePlan(waiting)));
    }

    /** @param held what waits for an order since an upgrade; in the plan it is withheld */
    private record Look(NodePlan plan, Set<ResourceName> held) {}

    private Look look(Order order) throws IOException {
        Allowance allowance = brakes.allowance(order, binding(order));
        NodePlan plan = new NodePlan(
                resources.stream().map(resource -> planned(resource, allowance)).toList());
        Optional<Settled> before = order.byHand() ? Optional.empty() : upgrade.before();
        Set<ResourceName> held = before.isPresent() ? upgrade.held(before.get(), resources, plan) : Set.of();
        if (held.isEmpty()) {
            return new Look(plan, Set.of());
        }
        Allowance nothing = upgrade.nothing(before.get());
        return new Look(
                new NodePlan(plan.files().stream()
                        .map(file ->
                                held.contains(file.resource()) ? planned(resource(file.resource()), nothing) : file)
                        .toList()),
                held);
    }

    /** For the version of farrier that comes after this one. Under the node lock. */
    private void settle(Look look) throws IOException {
        Optional<Settled> settled = settledAfter(look);
        if (settled.isPresent()) {
            ledger.settle(settled.get());
        }
    }

    private Optional<Settled> settledAfter(Look look) throws IOException {
        return look.held().isEmpty()
                ? Optional.of(upgrade.now(resources, look.plan()))
                : upgrade.before().map(before -> UpgradeHold.waiting(before, look.held()));
    }

    /** Farrier never touched it, or gave it back, and only says what it would do. */
    private boolean isWatched(Order order, Look look) throws IOException {
        return !order.byHand()
                && (ledger.settled().isEmpty() || binding(order).isPresent())
                && look.plan().files().stream()
                        .anyMatch(file -> !file.withheld().isEmpty());
    }

    private boolean isSettled(Look look) throws IOException {
        return ledger.settled().equals(settledAfter(look));
    }

    /**
     * Finishes or undoes an interrupted change, then plans and applies under the node lock. Where nothing is to be done it
     * writes nothing and takes no lock.
     *
     * @return one outcome for each resource, after those of a recovered change; then one for each registry that was proven
     */
    public List<Outcome> keep(Order order) throws IOException {
        List<Outcome> outcomes = keptOrNot(order);
        return order.byHand()
                ? refusals.ofOrder(by(order, "apply"), outcomes)
                : refusals.ofRound(by(order, "agent"), outcomes);
    }

    private List<Outcome> keptOrNot(Order order) throws IOException {
        Optional<Reason> pause = brakes.pause();
        if (pause.isPresent()) {
            return refused(plan(order), pause.get());
        }
        Look first = look(order);
        boolean isQuiet = isQuiet(order, first.plan());
        if (isQuiet && (isSettled(first) || isWatched(order, first))) {
            return kept(first.plan());
        }
        List<Outcome> outcomes = new ArrayList<>();
        try (LockFile held = lock.take()) {
            outcomes.addAll(transaction.recover());
            outcomes.addAll(isQuiet ? kept(first.plan()) : keepLocked(order));
            settle(look(order));
        }
        outcomes.addAll(prover.prove(order, outcomes));
        return outcomes;
    }

    /** Finishes or undoes an interrupted change, and nothing else; empty when there is none. */
    public List<Outcome> recover() throws IOException {
        if (ledger.openChange().isEmpty()) {
            return List.of();
        }
        try (LockFile held = lock.take()) {
            return transaction.recover();
        }
    }

    /**
     * Gives back what was there before farrier, and releases the node: until an apply by hand or another configuration the
     * agent only watches it.
     */
    public List<Outcome> restore(Order order) throws IOException {
        return refusals.ofRestore(by(order, "restore"), restoredOrNot(order));
    }

    private List<Outcome> restoredOrNot(Order order) throws IOException {
        try (LockFile held = lock.take()) {
            Optional<Reason> pause = brakes.pause();
            if (pause.isPresent()) {
                return allRefused(pause.get());
            }
            List<Outcome> outcomes = new ArrayList<>(transaction.recover());
            outcomes.addAll(restoreLocked(order));
            return outcomes;
        }
    }

    private <S> FilePlan planned(Resource<S> resource, Allowance allowance) {
        try {
            return quiet.plan(resource, allowance);
        } catch (IOException unreadable) {
            return unobserved(resource, unreadable);
        }
    }

    private <S> FilePlan plannedRestore(Resource<S> resource) {
        try {
            return resource.planRestore(resource.observe());
        } catch (IOException unreadable) {
            return unobserved(resource, unreadable);
        }
    }

    private static FilePlan unobserved(Resource<?> resource, IOException unreadable) {
        return FilePlan.refused(
                resource.name(),
                new Reason(
                        "Tried to look at " + resource.name(),
                        String.valueOf(unreadable.getMessage()),
                        "farrier changed nothing."));
    }

    private boolean isQuiet(Order order, NodePlan plan) throws IOException {
        if (ledger.openChange().isPresent()
                || (ledger.released().isPresent() && binding(order).isEmpty())) {
            return false;
        }
        for (FilePlan file : plan.files()) {
            boolean moves = !file.isWaiting()
                    && (!file.edits().isEmpty() || !file.changes().isEmpty());
            if (moves || (file.refusal().isEmpty() && !isKnown(file))) {
                return false;
            }
        }
        return true;
    }

    private boolean isKnown(FilePlan file) throws IOException {
        return ledger.ownership(file.resource()).claims().equals(file.claims());
    }

    /** A release binds the agent only, and only with the configuration it was made with. */
    private Optional<Released> binding(Order order) throws IOException {
        return order.byHand()
                ? Optional.empty()
                : ledger.released()
                        .filter(released -> released.by().configuration().equals(version.configuration()));
    }

    private List<Outcome> keepLocked(Order order) throws IOException {
        Optional<Reason> pause = brakes.pause();
        if (pause.isPresent()) {
            return refused(plan(order), pause.get());
        }
        if (binding(order).isEmpty()) {
            ledger.take();
        }
        By by = by(order, order.byHand() ? "apply" : "agent");
        for (int tries = 1; ; tries++) {
            try {
                NodePlan plan = checked(unfought(order, plan(order)));
                Allowance allowance = brakes.allowance(order, binding(order));
                List<Outcome> outcomes = transaction.apply(plan, name -> planned(resource(name), allowance), by, true);
                count(order, outcomes);
                return settled(outcomes, allowance);
            } catch (StaleEditException changedMeanwhile) {
                if (tries == MAX_PLANS) {
                    return refused(plan(order), stale(changedMeanwhile));
                }
            }
        }
    }

    private static Reason stale(StaleEditException changedMeanwhile) {
        return new Reason(
                "Tried to plan " + MAX_PLANS + " times",
                changedMeanwhile.getMessage() + ".",
                "farrier changed nothing. Find out who writes this file all the time, then try again.");
    }

    /** What the agent has set right again and again is left to the one who writes it, for a while. */
    private NodePlan unfought(Order order, NodePlan plan) {
        if (order.byHand()) {
            return plan;
        }
        return new NodePlan(plan.files().stream()
                .map(file -> repairs.nextAfter(file.resource())
                        .filter(next -> !file.edits().isEmpty())
                        .map(next -> FilePlan.refused(file.resource(), fought(file.resource(), next)))
                        .orElse(file))
                .toList());
    }

    private Reason fought(ResourceName resource, Instant next) {
        List<String> clues = others.of(resource(resource).watched());
        return new Reason(
                "Set " + resource + " right " + repairs.perHour() + " times within an hour",
                "and somebody changes it back each time"
                        + (clues.isEmpty() ? "." : ": " + String.join("; ", clues) + "."),
                "Have the other writer write what farrier does, or set 'manage' for this file to 'report'. farrier tries"
                        + " again at " + next.truncatedTo(ChronoUnit.SECONDS) + ", or at once with 'farrier apply'.");
    }

    /** A change that failed touched the node, too. */
    private void count(Order order, List<Outcome> outcomes) {
        if (!order.byHand()) {
            outcomes.stream()
                    .filter(outcome -> outcome.result() != Result.KEPT && outcome.result() != Result.REFUSED)
                    .forEach(outcome -> repairs.count(outcome.resource()));
        }
    }

    /** Asks the daemons before anything is written; what they would not take is refused and blocks nothing else. */
    private NodePlan checked(NodePlan plan) throws IOException {
        List<FilePlan> files = new ArrayList<>();
        for (FilePlan file : plan.files()) {
            Optional<Reason> objection = objection(file);
            files.add(objection
                    .map(reason -> FilePlan.refused(file.resource(), reason))
                    .orElse(file));
        }
        return new NodePlan(files);
    }

    private Optional<Reason> objection(FilePlan plan) throws IOException {
        if (plan.refusal().isPresent()) {
            return Optional.empty();
        }
        Ownership ours = ledger.ownership(plan.resource());
        Optional<Reason> own =
                unwritable(plan).or(() -> Widening.in(plan, ours)).or(() -> brakes.objectionToRestart(plan));
        boolean isChecked = own.isEmpty() && !plan.edits().isEmpty();
        return isChecked ? resource(plan.resource()).objection(plan) : own;
    }

    /** One place that cannot be written: nothing of the resource is (SAFETY 19). */
    private Optional<Reason> unwritable(FilePlan plan) throws IOException {
        for (Edit edit : plan.edits()) {
            Optional<String> obstacle = ground.obstacle(edit.path());
            if (obstacle.isPresent()) {
                return Optional.of(new Reason(
                        "Tried to prepare " + edit.path(), obstacle.get() + ".", "farrier changed nothing of it."));
            }
        }
        return Optional.empty();
    }

    /** The law of settling: what was applied and is still planned has diverged. */
    private List<Outcome> settled(List<Outcome> outcomes, Allowance allowance) {
        return outcomes.stream()
                .map(outcome -> outcome.result() == Result.APPLIED ? settled(outcome, allowance) : outcome)
                .toList();
    }

    private Outcome settled(Outcome outcome, Allowance allowance) {
        FilePlan again = planned(resource(outcome.resource()), allowance);
        if (again.edits().isEmpty() && again.changes().isEmpty()) {
            return outcome;
        }
        String left =
                again.refusal().map(Reason::sentence).orElse(again.changes().size() + " change(s) are planned again");
        Reason reason = new Reason("Planned " + outcome.resource() + " again after it was applied", left + ".", "");
        return new Outcome(
                outcome.resource(),
                Result.DIVERGED,
                outcome.done(),
                outcome.withheld(),
                Optional.of(reason),
                outcome.at());
    }

    private List<Outcome> restoreLocked(Order order) throws IOException {
        By by = by(order, "restore");
        NodePlan plan = plannedRestore();
        List<Outcome> outcomes = restored(plan, by);
        if (outcomes.stream().noneMatch(outcome -> outcome.result() == Result.ROLLED_BACK)) {
            ledger.release(new Released(clock.instant(), by));
        }
        return outcomes;
    }

    private NodePlan plannedRestore() {
        return new NodePlan(resources.stream().map(this::plannedRestore).toList());
    }

    private List<Outcome> restored(NodePlan plan, By by) throws IOException {
        try {
            return transaction.apply(plan, name -> plannedRestore(resource(name)), by, false);
        } catch (StaleEditException changedMeanwhile) {
            return refused(plan, stale(changedMeanwhile));
        }
    }

    private By by(Order order, String verb) {
        return new By(order.who(), verb, version.farrier(), version.configuration());
    }

    private Resource<?> resource(ResourceName name) {
        return resources.stream()
                .filter(resource -> resource.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<Outcome> kept(NodePlan plan) {
        return plan.files().stream()
                .map(file -> new Outcome(
                        file.resource(),
                        untouched(file),
                        List.of(),
                        file.withheld(),
                        file.refusal().or(() -> file.isWaiting() ? file.waitsFor() : Optional.empty()),
                        clock.instant()))
                .toList();
    }

    private static Result untouched(FilePlan file) {
        if (file.refusal().isPresent()) {
            return Result.REFUSED;
        }
        return file.isWaiting() ? Result.WAITING : Result.KEPT;
    }

    /** Everything that had something to do is refused for one reason. */
    /** Also where nothing is to be done: the node is not given back. */
    private List<Outcome> allRefused(Reason reason) {
        return resources.stream()
                .map(resource -> new Outcome(
                        resource.name(), Result.REFUSED, List.of(), List.of(), Optional.of(reason), clock.instant()))
                .toList();
    }

    private List<Outcome> refused(NodePlan plan, Reason reason) {
        return plan.files().stream()
                .map(file -> new Outcome(
                        file.resource(),
                        file.isNoop() ? Result.KEPT : Result.REFUSED,
                        List.of(),
                        file.withheld(),
                        file.isNoop()
                                ? Optional.empty()
                                : Optional.of(file.refusal().orElse(reason)),
                        clock.instant()))
                .toList();
    }
}
