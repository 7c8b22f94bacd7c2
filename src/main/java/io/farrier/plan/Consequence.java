package io.farrier.plan;

/** What a change costs: which daemon must do what before it is in effect, and why, as a sentence. */
public record Consequence(DaemonName daemon, Action action, String because) {
    public enum Action {
        RELOAD,
        RESTART
    }
}
