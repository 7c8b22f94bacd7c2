package io.farrier.check;

import io.farrier.config.FarrierConfig.Registry;
import io.farrier.registry.Examination;
import io.farrier.registry.Examination.Served;
import java.io.IOException;
import java.util.List;

/** Whether this node's runtime would accept a registry as it is configured; asked over the network. */
@FunctionalInterface
public interface RegistryQuestion {
    /** @throws IOException when the question could not even be asked */
    Verdict ask(Registry registry) throws IOException;

    /**
     * @param sentence names the registry and says what was seen and what to do; no secrets
     * @param served the chains that were shown, whether or not they were taken
     */
    record Verdict(Answer answer, String sentence, List<Served> served) {
        public Verdict {
            served = List.copyOf(served);
        }

        Verdict(Answer answer, String sentence) {
            this(answer, sentence, List.of());
        }

        static Verdict of(Examination seen) {
            return new Verdict(Answer.of(seen), seen.sentence(), seen.served());
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
