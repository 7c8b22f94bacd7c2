package io.farrier.runtime;

/**
 * Something changed in a runtime.
 *
 * @param action the runtime's word: {@code start}, {@code die}, {@code untag}; {@code resync} after a gap
 * @param id container id or image reference, empty for {@code resync}
 */
public record RuntimeEvent(Kind kind, String action, String id) {
    public enum Kind {
        CONTAINER,
        IMAGE,
        DAEMON,
        RESYNC
    }
}
