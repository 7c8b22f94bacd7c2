package io.farrier.plan;

import io.farrier.image.RegistryHost;
import java.util.Optional;

/**
 * One thing that becomes different, as an operator would say it. Texts are ready to be shown: secrets are already
 * masked.
 *
 * @param key what changes: a daemon.json key, a file name
 * @param before how it was, empty when it was not there
 * @param after how it will be, empty when it goes
 * @param about the registry it is done for
 * @param consequence empty when it is in effect as soon as it is written
 */
public record Change(
        Kind kind,
        String key,
        Optional<String> before,
        Optional<String> after,
        Optional<RegistryHost> about,
        Optional<Consequence> consequence) {
    public enum Kind {
        ADD("+"),
        CHANGE("~"),
        /** What farrier put there goes, because it is no longer wanted; {@code after} is what an operator had there before. */
        REMOVE("-");

        private final String sign;

        Kind(String sign) {
            this.sign = sign;
        }

        public String sign() {
            return sign;
        }
    }

    /** True when nobody does anything for it: it is in effect once the daemon has been started anew. */
    public boolean waitsForNextStart() {
        return takes(Consequence.Action.NEXT_START);
    }

    public boolean needsRestart() {
        return takes(Consequence.Action.RESTART);
    }

    private boolean takes(Consequence.Action action) {
        return consequence.filter(needed -> needed.action() == action).isPresent();
    }
}
