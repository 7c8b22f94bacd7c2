package io.farrier.route;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** CIDR notation and literal addresses; nothing is ever looked up. */
final class Networks {
    private static final Pattern LITERAL = Pattern.compile("[0-9]+(?:\\.[0-9]+){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private Networks() {}

    /** @param network {@code 10.0.0.0/8}; anything else contains nothing */
    static boolean contain(String network, byte[] address) {
        int slash = network.indexOf('/');
        if (slash < 0 || !network.substring(slash + 1).matches("\\d{1,3}")) {
            return false;
        }
        int bits = Integer.parseInt(network.substring(slash + 1));
        return literal(network.substring(0, slash))
                .filter(base -> base.length == address.length && bits <= 8 * base.length)
                .filter(base -> sameStart(base, address, bits))
                .isPresent();
    }

    private static boolean sameStart(byte[] one, byte[] other, int bits) {
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> (i % 8);
            if ((one[i / 8] & mask) != (other[i / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    static Optional<byte[]> literal(String text) {
        if (!LITERAL.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text).getAddress());
        } catch (UnknownHostException noAddress) {
            return Optional.empty();
        }
    }
}
