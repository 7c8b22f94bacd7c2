package io.farrier.reconcile;

import io.farrier.plan.Consequence.Action;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Reason;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The daemons that read what a change writes. */
final class Readers {
    private final Map<DaemonName, Daemon> daemons;

    Readers(Map<DaemonName, Daemon> daemons) {
        this.daemons = Map.copyOf(daemons);
    }

    /** Those that answer now: the others read the files when they start. */
    Set<DaemonName> answering(Set<DaemonName> names) {
        return names.stream()
                .filter(name -> Optional.ofNullable(daemons.get(name))
                        .filter(Daemon::answers)
                        .isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    void wake(Map<DaemonName, Action> actions, Set<DaemonName> answering, boolean mayRestart) throws FailedChange {
        for (DaemonName name : answering) {
            boolean restarts = actions.get(name) == Action.RESTART && mayRestart;
            try {
                Daemon daemon = daemon(name);
                if (restarts) {
                    daemon.restart();
                } else {
                    daemon.reload();
                }
            } catch (IOException refused) {
                throw new FailedChange("Tried to " + (restarts ? "restart " : "reload ") + name, refused, seeLog(name));
            }
        }
    }

    void checkThatTheyStillAnswer(Set<DaemonName> answering) throws FailedChange {
        for (DaemonName name : answering) {
            if (!daemon(name).answers()) {
                throw new FailedChange(new Reason(
                        "Tried to ask " + name + " after the change", "it does not answer any more.", seeLog(name)));
            }
        }
    }

    /** @return what they said against reading the files again, as sentences; else empty */
    String reload(Set<DaemonName> names) {
        List<String> complaints = new ArrayList<>();
        for (DaemonName name : names) {
            try {
                daemon(name).reload();
            } catch (IOException refused) {
                complaints.add(
                        " " + name + " did not confirm that it reads them again: " + FailedChange.sentence(refused));
            }
        }
        return String.join("", complaints);
    }

    private Daemon daemon(DaemonName name) {
        return Optional.ofNullable(daemons.get(name)).orElseThrow();
    }

    private static String seeLog(DaemonName name) {
        return "See 'journalctl -u " + name + "'.";
    }
}
