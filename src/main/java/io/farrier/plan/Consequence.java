package io.farrier.plan;

/**
 * What a change costs: which daemon must do what before it is in effect, and why, as a sentence without its full stop.
 */
public record Consequence(DaemonName daemon, Action action, String because) {
    /** The dearest last. */
    public enum Action {
        /** Nothing is done to the daemon: it reads the file when it starts the next time, and until then it waits. */
        NEXT_START,
        RELOAD,
        RESTART
    }
}
