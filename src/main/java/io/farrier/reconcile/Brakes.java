package io.farrier.reconcile;

import io.farrier.image.RegistryHost;
import io.farrier.ledger.Released;
import io.farrier.node.PauseFile;
import io.farrier.node.SafeMode;
import io.farrier.node.SafeModeFile;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Consequence;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.Withheld;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What holds a change back: the pause, safe mode, a given back node, the mode, absence, the restart policy. Read anew for every plan. */
public final class Brakes {
    private final PauseFile pauseFile;
    private final SafeModeFile safeModeFile;
    private final Policy policy;
    private final ContainersSeen containers;

    /**
     * What the configuration allows.
     *
     * @param agentMayChange false in mode observe and off
     * @param registries where a registry has a mode of its own, whether the agent may change something for it
     * @param mayRestart whether a daemon may be restarted where containers would stop
     * @param turn when a node that serves a control plane may restart its runtime; empty for never
     * @param mayRemove whether what the configuration no longer names goes without an order that says so
     */
    public record Policy(
            boolean agentMayChange,
            Map<RegistryHost, Boolean> registries,
            boolean mayRestart,
            Optional<RestartTurn> turn,
            boolean mayRemove) {
        public Policy {
            registries = Map.copyOf(registries);
        }

        /** A control plane is never restarted. */
        public Policy(
                boolean agentMayChange, Map<RegistryHost, Boolean> registries, boolean mayRestart, boolean mayRemove) {
            this(agentMayChange, registries, mayRestart, Optional.empty(), mayRemove);
        }
    }

    public Brakes(PauseFile pauseFile, SafeModeFile safeModeFile, Policy policy, ContainersSeen containers) {
        this.pauseFile = pauseFile;
        this.safeModeFile = safeModeFile;
        this.policy = policy;
        this.containers = containers;
    }

    /** Why nothing at all may change now. */
    Optional<Reason> pause() throws IOException {
        return pauseFile.current().map(pause -> pause.reason("Tried to change this node"));
    }

    /** @param released the note of a restore that still binds the agent */
    Allowance allowance(Order order, Optional<Released> released) throws IOException {
        Optional<Reason> pause = pause();
        Optional<SafeMode> safeMode = order.byHand() ? Optional.empty() : safeModeFile.current();
        return change -> objection(change, order, pause, safeMode, released);
    }

    private Optional<Withheld> objection(
            Change change,
            Order order,
            Optional<Reason> pause,
            Optional<SafeMode> safeMode,
            Optional<Released> released) {
        if (pause.isPresent()) {
            return withhold(change, pause.get().saw() + " " + pause.get().todo());
        }
        if (safeMode.isPresent()) {
            return withhold(change, safeMode.get().sentence() + ". Run 'farrier resume'.");
        }
        if (!order.byHand() && released.isPresent()) {
            return withhold(
                    change,
                    "the node was given back by 'farrier restore' at "
                            + released.get().at() + ". Run 'farrier apply', or change the configuration.");
        }
        if (!order.byHand() && !agentMayChange(change)) {
            return withhold(change, "the mode is 'observe'. Set 'mode: keep', or run 'farrier apply'.");
        }
        if (change.kind() == Change.Kind.REMOVE && !policy.mayRemove() && !order.allowsRemoval()) {
            return withhold(
                    change,
                    "the configuration no longer names it, which can be a mistake. Run 'farrier apply --allow-removal',"
                            + " or set 'changes.allow_removal: true'.");
        }
        return change.needsRestart() ? restart(change, change.consequence().orElseThrow()) : Optional.empty();
    }

    private Optional<Withheld> restart(Change change, Consequence needed) {
        List<String> wouldStop = containers.wouldStop(needed.daemon());
        List<String> controlPlane = containers.controlPlane();
        if (!controlPlane.isEmpty() && policy.turn().isEmpty()) {
            return Optional.of(new Withheld(
                    change,
                    needed.because() + ", and farrier never restarts a control-plane node: "
                            + String.join(", ", controlPlane)
                            + " runs here. Make the change by hand, one such node after the other, or give each a turn"
                            + " ('node.restart_slot').",
                    wouldStop));
        }
        if (policy.mayRestart()) {
            return controlPlane.isEmpty() ? Optional.empty() : outOfTurn(change, needed, wouldStop);
        }
        return Optional.of(new Withheld(
                change,
                needed.because()
                        + ", and 'runtime.restart' is 'never'. Set it to 'allow', or make the change by"
                        + " hand when a restart is due.",
                wouldStop));
    }

    private Optional<Withheld> outOfTurn(Change change, Consequence needed, List<String> wouldStop) {
        RestartTurn turn = policy.turn().orElseThrow();
        return turn.next()
                .map(next -> new Withheld(
                        change,
                        needed.because() + ", and it is not this server's turn: " + turn + " begins " + next + ".",
                        wouldStop));
    }

    /** Why none of these changes may have its restart now: the other servers are asked. */
    Optional<Reason> objectionToRestart(FilePlan plan) {
        Optional<RestartTurn> turn = policy.turn();
        boolean isOfControlPlane = plan.changes().stream().anyMatch(Change::needsRestart)
                && !containers.controlPlane().isEmpty();
        if (turn.isEmpty() || !isOfControlPlane) {
            return Optional.empty();
        }
        return turn.get()
                .ailing()
                .map(member -> new Reason(
                        "Tried to restart the runtime of this server in its turn " + turn.get(),
                        "another server is not healthy: " + member + ".",
                        "Mend that one first; farrier tries again by itself in the next turn."));
    }

    private boolean agentMayChange(Change change) {
        return change.about().map(policy.registries()::get).orElse(policy.agentMayChange());
    }

    private static Optional<Withheld> withhold(Change change, String because) {
        return Optional.of(new Withheld(change, because, List.of()));
    }
}
