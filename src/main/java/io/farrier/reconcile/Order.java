package io.farrier.reconcile;

/**
 * Who wants it. The agent is bound by the mode; an order by hand is refused only while the node is paused.
 *
 * @param who for the auditor: {@code agent}, or the login that gave the order
 */
public record Order(boolean byHand, String who) {
    public static Order agent() {
        return new Order(false, "agent");
    }

    public static Order byHand(String who) {
        return new Order(true, who);
    }
}
