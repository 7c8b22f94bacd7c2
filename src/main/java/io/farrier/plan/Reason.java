package io.farrier.plan;

/** Why something did not happen: what was tried, what was seen, what to do. Each part is a sentence without secrets. */
public record Reason(String tried, String saw, String todo) {
    /** One line for people. */
    public String sentence() {
        return tried + ": " + saw + (todo.isEmpty() ? "" : " " + todo);
    }
}
