package io.farrier.check;

import io.farrier.config.FarrierConfig.Registry;
import io.farrier.registry.Examination;
import java.io.IOException;

/** Whether this node's runtime would accept a registry as it is configured; asked over the network. */
@FunctionalInterface
public interface RegistryQuestion {
    /** @throws IOException when the question could not even be asked */
    Verdict ask(Registry registry) throws IOException;

    /** @param sentence names the registry and says what was seen and what to do; no secrets */
    record Verdict(Answer answer, String sentence) {
        static Verdict of(Examination seen) {
            return new Verdict(Answer.of(seen), seen.sentence());
        }
    }

    enum Answer {
        TRUSTED,
        /** It answered, and the runtime would refuse it. */
        UNTRUSTED,
        /** It did not answer, so nobody knows. */
        UNKNOWN;

        static Answer of(Examination seen) {
            if (seen.isGood()) {
                return TRUSTED;
            }
            return seen.faults().get(0).kind().isOfTrust() ? UNTRUSTED : UNKNOWN;
        }
    }
}
