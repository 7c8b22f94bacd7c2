package io.farrier.finding;

/** How bad it is. {@link #UNKNOWN} is a status of its own: a check that could not be made proves nothing. */
public enum Severity {
    INFO,
    UNKNOWN,
    WARNING,
    ERROR,
    CRITICAL
}
