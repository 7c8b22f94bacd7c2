package io.farrier.reconcile;

import io.farrier.plan.DaemonName;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.util.Optional;

/** A daemon of a control plane: the other servers are asked in the moment before it is restarted. */
public final class TurnedDaemon implements Daemon {
    private final Daemon daemon;
    private final RestartTurn turn;

    public TurnedDaemon(Daemon daemon, RestartTurn turn) {
        this.daemon = daemon;
        this.turn = turn;
    }

    @Override
    public DaemonName name() {
        return daemon.name();
    }

    @Override
    public void reload() throws IOException {
        daemon.reload();
    }

    @Override
    public void restart() throws IOException {
        Optional<String> ailing = turn.ailing();
        if (ailing.isPresent()) {
            throw new IOException("another server is not healthy: " + ailing.get());
        }
        daemon.restart();
    }

    @Override
    public boolean answers() {
        return daemon.answers();
    }
}
