package io.farrier.config;

/** What the agent may do to the node. */
public enum Mode {
    /** Plan, probe and report; write nothing outside state_dir and /run/farrier. */
    OBSERVE,
    /** Make it so. */
    KEEP,
    /** Do not even look. */
    OFF
}
