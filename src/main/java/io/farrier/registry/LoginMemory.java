package io.farrier.registry;

import io.farrier.image.RegistryHost;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of logins, so that a wrong password is not tried again and again: directories lock an account after a few
 * tries, and every node has the same one (harbor#15805).
 */
public interface LoginMemory {
    LoginMemory NONE = new LoginMemory() {
        @Override
        public Optional<Instant> heldUntil(RegistryHost host, Registry.Login login) {
            return Optional.empty();
        }

        @Override
        public void refused(RegistryHost host, Registry.Login login) {}

        @Override
        public void accepted(RegistryHost host, Registry.Login login) {}
    };

    /** When the login may be tried again; empty when it may be tried now. */
    Optional<Instant> heldUntil(RegistryHost host, Registry.Login login);

    void refused(RegistryHost host, Registry.Login login);

    void accepted(RegistryHost host, Registry.Login login);

    /**
     * Whether a runtime's words for a pull that failed say that the login was refused. {@code denied} and
     * {@code insufficient_scope} are about rights: the password was right.
     */
    static boolean isRefusal(String said) {
        String words = said.toLowerCase(Locale.ROOT);
        boolean isAboutRights = words.contains("denied") || words.contains("insufficient_scope");
        return !isAboutRights && (words.contains("unauthorized") || words.contains("authorization failed"));
    }
}
