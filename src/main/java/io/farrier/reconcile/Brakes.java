package io.farrier.reconcile;

import io.farrier.image.RegistryHost;
import io.farrier.ledger.Released;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Consequence;
import io.farrier.plan.Reason;
import io.farrier.plan.Withheld;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What holds a change back: the pause, a given back node, the mode, the restart policy. Read anew for every plan. */
public final class Brakes {
    /** A bare file is enough, so that a shell can make it when farrier cannot. */
    static final Path PAUSE_FILE = Path.of("/etc/farrier/paused");

    private static final int MAX_PAUSE_BYTES = 64 * 1024;
    private static final int MAX_SHOWN = 200;

    private final NodeFiles files;
    private final Policy policy;
    private final ContainersSeen containers;

    /**
     * What the configuration allows.
     *
     * @param agentMayChange false in mode observe and off
     * @param registries where a registry has a mode of its own, whether the agent may change something for it
     * @param mayRestart whether a daemon may be restarted where containers would stop
     */
    public record Policy(boolean agentMayChange, Map<RegistryHost, Boolean> registries, boolean mayRestart) {
        public Policy {
            registries = Map.copyOf(registries);
        }
    }

    public Brakes(NodeFiles files, Policy policy, ContainersSeen containers) {
        this.files = files;
        this.policy = policy;
        this.containers = containers;
    }

    /** Why nothing at all may change now. */
    Optional<Reason> pause() throws IOException {
        if (!files.exists(PAUSE_FILE)) {
            return Optional.empty();
        }
        byte[] note = files.read(PAUSE_FILE, MAX_PAUSE_BYTES).content();
        String text = new String(note, StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
        String shown = text.substring(0, Math.min(text.length(), MAX_SHOWN));
        return Optional.of(new Reason(
                "Tried to change this node",
                "it is paused by " + PAUSE_FILE + (shown.isEmpty() ? "." : " (" + shown + ")."),
                "Run 'farrier resume' or remove the file."));
    }

    /** @param released the note of a restore that still binds the agent */
    Allowance allowance(Order order, Optional<Released> released) throws IOException {
        Optional<Reason> pause = pause();
        return change -> objection(change, order, pause, released);
    }

    private Optional<Withheld> objection(
            Change change, Order order, Optional<Reason> pause, Optional<Released> released) {
        if (pause.isPresent()) {
            return withhold(change, pause.get().saw() + " " + pause.get().todo());
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
        return change.consequence()
                .filter(c -> c.action() == Consequence.Action.RESTART && !policy.mayRestart())
                .map(restart -> new Withheld(
                        change,
                        restart.because()
                                + ", and 'runtime.restart' is 'never'. Set it to 'allow', or make the change by"
                                + " hand when a restart is due.",
                        containers.wouldStop(restart.daemon())));
    }

    private boolean agentMayChange(Change change) {
        return change.about().map(policy.registries()::get).orElse(policy.agentMayChange());
    }

    private static Optional<Withheld> withhold(Change change, String because) {
        return Optional.of(new Withheld(change, because, List.of()));
    }
}
