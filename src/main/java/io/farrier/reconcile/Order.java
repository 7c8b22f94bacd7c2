package io.farrier.reconcile;

/**
 * Who wants it. The agent is bound by the mode; an order by hand is refused only while the node is paused.
 *
 * @param who for the auditor: {@code agent}, or the login that gave the order
 * @param allowsRemoval whether what farrier put on the node may be taken away, because the configuration no longer names it
 */
public record Order(boolean byHand, String who, boolean allowsRemoval) {
    public static Order agent() {
        return new Order(false, "agent", false);
    }

    public static Order byHand(String who) {
        return new Order(true, who, false);
    }

    public Order allowingRemoval() {
        return new Order(byHand, who, true);
    }
}
