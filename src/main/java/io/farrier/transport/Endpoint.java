package io.farrier.transport;

import java.nio.file.Path;

/** Where a request goes, and over what. {@code toString} is how messages name it. */
public sealed interface Endpoint {
    /** A stream socket in the file system: dockerd, containerd. */
    record Unix(Path socket) implements Endpoint {
        @Override
        public String toString() {
            return "unix:" + socket;
        }
    }

    /** Plain text. */
    record Tcp(String host, int port) implements Endpoint {
        @Override
        public String toString() {
            return "http://" + host + ":" + port;
        }
    }

    /** TLS, the peer verified by {@code trust} and, unless that is blind, by its name. */
    record Tls(String host, int port, Trust trust) implements Endpoint {
        @Override
        public String toString() {
            return "https://" + host + ":" + port;
        }
    }
}
