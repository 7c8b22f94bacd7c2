package io.farrier.node;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Runs programs of the node, never through a shell. */
@FunctionalInterface
public interface Commands {
    /**
     * How a program ended.
     *
     * @param out what it printed, cut at {@link ProcessCommands#MAX_OUTPUT_BYTES}
     * @param err what it complained
     */
    record Result(int exit, String out, String err) {
        public boolean succeeded() {
            return exit == 0;
        }

        /** The complaint, else the output, without the trailing newline. */
        public String words() {
            return (err.isBlank() ? out : err).strip();
        }
    }

    /**
     * Returns when the program has ended.
     *
     * @throws IOException when it cannot be started, or has not ended within {@code deadline} (it is then killed)
     */
    Result run(Duration deadline, List<String> argv) throws IOException;
}
