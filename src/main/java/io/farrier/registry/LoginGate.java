package io.farrier.registry;

import io.farrier.image.RegistryHost;
import io.farrier.transport.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * Where logins leave. Until a registry has accepted one, only one request with it is on its way: many at once with a
 * wrong password would lock the account before the first answer is there.
 */
final class LoginGate {
    private final LoginMemory memory;
    private final Set<RegistryHost> accepted = ConcurrentHashMap.newKeySet();
    private final Map<RegistryHost, Object> turns = new ConcurrentHashMap<>();

    LoginGate(LoginMemory memory) {
        this.memory = memory;
    }

    /** The login was refused before and is not sent now. */
    static final class HeldException extends IOException {
        private static final long serialVersionUID = 1L;

        HeldException(String message) {
            super(message);
        }
    }

    interface Attempt<T> {
        T send() throws IOException;
    }

    /** @throws HeldException when it must wait */
    Response through(RegistryHost host, Registry.Login login, Attempt<Response> attempt) throws IOException {
        return through(host, login, attempt, Response::status);
    }

    /** The same for answers that are read as they come. */
    <T> T through(RegistryHost host, Registry.Login login, Attempt<T> attempt, ToIntFunction<T> status)
            throws IOException {
        if (accepted.contains(host)) {
            return learn(host, login, attempt.send(), status);
        }
        synchronized (turns.computeIfAbsent(host, any -> new Object())) {
            Optional<Instant> until = memory.heldUntil(host, login);
            if (until.isPresent()) {
                throw new HeldException(held(host, login, until.get()));
            }
            return learn(host, login, attempt.send(), status);
        }
    }

    private <T> T learn(RegistryHost host, Registry.Login login, T answer, ToIntFunction<T> status) {
        if (status.applyAsInt(answer) == 401) {
            accepted.remove(host);
            memory.refused(host, login);
        } else if (status.applyAsInt(answer) < 500 && accepted.add(host)) {
            memory.accepted(host, login);
        }
        return answer;
    }

    static String held(RegistryHost host, Registry.Login login, Instant until) {
        return host + " refused the login of '" + login.username()
                + "' before; so that the account is not locked, it is not tried again before " + until
                + ". A changed password is tried at once.";
    }
}
