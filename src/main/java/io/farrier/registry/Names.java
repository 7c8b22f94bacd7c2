package io.farrier.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Turns a name into addresses, in the order in which they are tried. */
public interface Names {
    Names OF_THIS_NODE = InetAddress::getAllByName;

    /** @param host without brackets */
    InetAddress[] resolve(String host) throws UnknownHostException;
}
