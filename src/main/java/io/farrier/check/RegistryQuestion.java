package io.farrier.check;

import io.farrier.config.FarrierConfig.Registry;
import io.farrier.registry.RegistryLook;
import java.io.IOException;

/** Whether this node's runtime would accept a registry as it is configured; asked over the network. */
@FunctionalInterface
public interface RegistryQuestion {
    /** @throws IOException when the question could not even be asked */
    Verdict ask(Registry registry) throws IOException;

    /** @param sentence names the registry and says what was seen and what to do; no secrets */
    record Verdict(Answer answer, String sentence) {
        static Verdict of(RegistryLook.Seen seen) {
            return new Verdict(Answer.of(seen.verdict()), seen.sentence());
        }
    }

    enum Answer {
        TRUSTED,
        /** It answered, and the runtime would refuse it. */
        UNTRUSTED,
        /** It did not answer, so nobody knows. */
        UNKNOWN;

        static Answer of(RegistryLook.Verdict verdict) {
            return switch (verdict) {
                case TRUSTED, INSECURE -> TRUSTED;
                case NO_SUCH_HOST, NOT_REACHED, NO_REGISTRY, HANDSHAKE_FAILED -> UNKNOWN;
                case PLAIN_HTTP, EXPIRED, NOT_YET_VALID, WRONG_NAME, COMMON_NAME_ONLY, UNKNOWN_AUTHORITY -> UNTRUSTED;
            };
        }
    }
}
