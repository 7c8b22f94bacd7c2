package io.farrier.registry;

/**
 * The proxy a runtime goes through.
 *
 * @param host without brackets
 * @param from the variable or key that says so, and where it stands: {@code HTTPS_PROXY of dockerd}
 */
public record ProxyAddress(String host, int port, String from) {
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
