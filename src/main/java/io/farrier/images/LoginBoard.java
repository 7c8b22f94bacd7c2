package io.farrier.images;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Registry;
import io.farrier.sample.ImageStatus;
import java.util.Optional;
import java.util.function.Function;

/** Learns from pulls what became of their logins, and passes everything on. */
public final class LoginBoard implements PullBoard {
    private final PullBoard board;
    private final LoginMemory logins;
    private final Function<RegistryHost, Registry> registries;

    public LoginBoard(PullBoard board, LoginMemory logins, Function<RegistryHost, Registry> registries) {
        this.board = board;
        this.logins = logins;
        this.registries = registries;
    }

    @Override
    public void progress(String reference, long doneBytes, long totalBytes, String note) {
        board.progress(reference, doneBytes, totalBytes, note);
    }

    @Override
    public void ended(ImageStatus status) {
        RegistryHost host = Reference.parse(status.reference()).registry();
        Optional<Registry.Login> login = registries.apply(host).login();
        // One that is held was not sent: its pull says nothing about it.
        if (login.isPresent() && logins.heldUntil(host, login.get()).isEmpty()) {
            if (status.state() == ImageStatus.State.PRESENT) {
                logins.accepted(host, login.get());
            } else if (LoginMemory.isRefusal(status.reason())) {
                logins.refused(host, login.get());
            }
        }
        board.ended(status);
    }
}
