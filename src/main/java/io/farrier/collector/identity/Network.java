package io.farrier.collector.identity;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses with a common prefix, as {@code 10.0.0.0/8} or {@code 2001:db8::/32}; without a length, one address. */
public record Network(InetAddress address, int prefix) {
    /** Four numbers, or digits with colons: a name would be looked up. */
    private static final Pattern GRAMMAR =
            Pattern.compile("((?:[0-9]{1,3}[.]){3}[0-9]{1,3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:/([0-9]{1,3}))?");

    /** @throws IllegalArgumentException with a sentence */
    public static Network parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no network such as 10.0.0.0/8 or 2001:db8::/32");
        }
        try {
            InetAddress address = InetAddress.getByName(matcher.group(1));
            int bits = address.getAddress().length * Byte.SIZE;
            int prefix = matcher.group(2) == null ? bits : Integer.parseInt(matcher.group(2));
            if (prefix > bits) {
                throw new IllegalArgumentException("'" + text + "' has a prefix of more than " + bits + " bits");
            }
            return new Network(address, prefix);
        } catch (UnknownHostException notAnAddress) {
            throw new IllegalArgumentException("'" + text + "' is no network such as 10.0.0.0/8", notAnAddress);
        }
    }

    boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] theirs = other.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            int mask = 0x80 >> (bit % Byte.SIZE);
            if (((mine[bit / Byte.SIZE] ^ theirs[bit / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }
}
