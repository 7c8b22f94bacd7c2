package io.farrier.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Turns a name into addresses, in the order in which they are tried. */
public interface Names {
    Names OF_THIS_NODE = InetAddress::getAllByName;

    /** @param host without brackets */
    InetAddress[] resolve(String host) throws UnknownHostException;

    /**
     * The same without names that lead to the node itself, or to its cloud's metadata. For servers that a registry names:
     * it is decided when the connection is made, because an answer that was checked before may have changed.
     */
    default Names abroad() {
        return host -> {
            InetAddress[] addresses = resolve(host);
            for (InetAddress address : addresses) {
                if (TokenRealm.isOwnNetwork(address)) {
                    throw new UnknownHostException(host + " leads to " + address.getHostAddress());
                }
            }
            return addresses;
        };
    }
}
