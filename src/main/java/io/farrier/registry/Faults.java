package io.farrier.registry;

import io.farrier.pki.CertificateFault;
import io.farrier.registry.RegistryFault.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every fault the probe can find, as an operator reads it: one sentence, one command. */
final class Faults {
    private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");

    /** Go's texts (crypto/tls alert.go) of the alerts that a JDK names otherwise than by its words. */
    private static final Map<String, String> ALERTS = Map.ofEntries(
            Map.entry("certificate_expired", "expired certificate"),
            Map.entry("certificate_revoked", "revoked certificate"),
            Map.entry("certificate_unknown", "unknown certificate"),
            Map.entry("decode_error", "error decoding message"),
            Map.entry("decrypt_error", "error decrypting message"),
            Map.entry("insufficient_security", "insufficient security level"),
            Map.entry("protocol_version", "protocol version not supported"),
            Map.entry("unknown_ca", "unknown certificate authority"));

    private Faults() {}

    // ---- reach

    static RegistryFault noSuchHost(Door door) {
        return fault(
                Kind.NO_SUCH_HOST,
                "dial tcp: lookup " + door.name() + ": no such host",
                "This node does not know the name " + door.name() + ". Check the name, and this node's DNS.",
                "getent ahosts " + door.name());
    }

    static RegistryFault dial(Door door, String address, IOException failure) {
        String words = "dial tcp " + address + ": ";
        if (failure instanceof SocketTimeoutException) {
            return fault(
                    Kind.TIMEOUT,
                    words + "i/o timeout",
                    door.host() + " does not answer at " + address + ": a firewall may drop the packets.",
                    "ip route get " + hostOf(address));
        }
        String said = String.valueOf(failure.getMessage());
        if (failure instanceof NoRouteToHostException || said.contains("unreachable")) {
            return fault(
                    Kind.NO_ROUTE,
                    words + "connect: "
                            + (said.contains("unreachable") ? "network is unreachable" : "no route to host"),
                    "There is no way from this node to " + address + ": look at its routes and at firewalls.",
                    "ip route get " + hostOf(address));
        }
        if (failure instanceof ConnectException) {
            return fault(
                    Kind.REFUSED,
                    words + "connect: connection refused",
                    "Nobody listens at " + address + ". Is the registry running, and is this its port?",
                    "ss -ltn  # on the registry's machine");
        }
        return fault(Kind.NO_ROUTE, words + said, "Connecting to " + address + " failed: " + said + ".", "");
    }

    private static String hostOf(String address) {
        return address.substring(0, address.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
    }

    static RegistryFault silent(Door door, String doing) {
        return fault(
                Kind.TIMEOUT,
                doing.equals("TLS") ? "net/http: TLS handshake timeout" : "context deadline exceeded",
                door.host() + " took the connection and then said nothing.",
                "curl -vk --max-time 10 " + door.url() + "/v2/");
    }

    static RegistryFault brokenOff(Door door, String words) {
        return fault(
                Kind.BROKEN_OFF,
                words,
                door.host() + " ended the connection before it answered: is a balancer in front of it without a"
                        + " registry behind?",
                "curl -vk " + door.url() + "/v2/");
    }

    // ---- proxies

    static RegistryFault proxyUnreachable(Door door, ProxyAddress proxy, RegistryFault dial) {
        return fault(
                Kind.PROXY_UNREACHABLE,
                "proxyconnect tcp: " + dial.words(),
                "The runtime goes to " + door.host() + " through the proxy " + proxy + " (" + proxy.from()
                        + "), and it cannot be reached. " + noProxy(door, proxy),
                "");
    }

    static RegistryFault proxyRefuses(Door door, ProxyAddress proxy, String status) {
        return fault(
                Kind.PROXY_REFUSES,
                status,
                "The proxy " + proxy + " (" + proxy.from() + ") does not let this node through to " + door.host() + ". "
                        + noProxy(door, proxy),
                "");
    }

    static RegistryFault proxyInTheMiddle(Door door, ProxyAddress proxy, RegistryFault found, String issuer) {
        return fault(
                Kind.PROXY_IN_THE_MIDDLE,
                found.words(),
                "A proxy is in the middle: what answers for " + door.host() + " through " + proxy + " (" + proxy.from()
                        + ") shows a certificate of '" + issuer + "'. " + noProxy(door, proxy),
                found.command());
    }

    private static String noProxy(Door door, ProxyAddress proxy) {
        return "If it is to be reached directly, add '" + door.name() + "' to NO_PROXY beside " + proxy.from()
                + ", and restart the runtime.";
    }

    // ---- TLS

    static RegistryFault plainHttp(Door door) {
        return fault(
                Kind.PLAIN_HTTP,
                "http: server gave HTTP response to HTTPS client",
                door.host() + " speaks plain HTTP, and the runtime insists on TLS. Give it a certificate.",
                "curl -v http://" + door.host() + "/v2/");
    }

    static RegistryFault noTls(Door door) {
        return fault(
                Kind.NO_TLS,
                "tls: first record does not look like a TLS handshake",
                "What listens at " + door.address() + " speaks neither TLS nor HTTP: is this the registry's port?",
                "curl -vk " + door.url() + "/v2/");
    }

    static RegistryFault tlsOnPlainPort(Door door, String words) {
        return fault(
                Kind.TLS_ON_PLAIN_PORT,
                words,
                door.host() + " wants TLS, and the runtime is told to speak plain HTTP to it. Name it with https://.",
                "curl -vk https://" + door.host() + "/v2/");
    }

    /** An alert of the server, or what the JDK did not like. */
    static RegistryFault handshake(Door door, boolean hasClient, String said) {
        Matcher alert = ALERT.matcher(said);
        if (!alert.find()) {
            return fault(
                    Kind.HANDSHAKE,
                    "tls: " + said,
                    "The TLS handshake with " + door.host() + " failed: " + said + ".",
                    show(door));
        }
        String words = "remote error: tls: " + goAlert(alert.group(1));
        return switch (alert.group(1)) {
            case "protocol_version" -> oldVersion(door, words);
            case "certificate_required" -> clientWanted(door, words);
            case "bad_certificate" -> hasClient ? clientRefused(door, words) : clientWanted(door, words);
            case "unknown_ca",
                    "certificate_unknown",
                    "certificate_expired",
                    "unsupported_certificate",
                    "access_denied" -> clientRefused(door, words);
            default ->
                fault(
                        Kind.HANDSHAKE,
                        words,
                        door.host() + " ended the TLS handshake: no cipher in common, a name it does not know, or a"
                                + " client certificate it wants.",
                        show(door));
        };
    }

    static RegistryFault outdatedVersion(Door door, int version) {
        return oldVersion(door, "tls: server selected unsupported protocol version " + Integer.toHexString(version));
    }

    private static RegistryFault oldVersion(Door door, String words) {
        return fault(
                Kind.PROTOCOL_VERSION,
                words,
                door.host() + " speaks no TLS 1.2 or newer, and the runtime nothing older. Update the server.",
                show(door));
    }

    private static RegistryFault clientWanted(Door door, String words) {
        return fault(
                Kind.CLIENT_CERTIFICATE_WANTED,
                words,
                door.host() + " wants a client certificate and the runtime has none for it: configure 'client' of this"
                        + " registry.",
                "farrier plan");
    }

    private static RegistryFault clientRefused(Door door, String words) {
        return fault(
                Kind.CLIENT_CERTIFICATE_REFUSED,
                words,
                door.host() + " does not accept the client certificate the runtime shows: it has expired, or another"
                        + " CA signed it than the registry asks for.",
                show(door));
    }

    private static String goAlert(String name) {
        return ALERTS.getOrDefault(name, name.replace('_', ' ').replace("bad record mac", "bad record MAC"));
    }

    /** @param issuer who signed the last certificate that was sent */
    static RegistryFault certificate(Door door, CertificateFault fault, String issuer) {
        Kind kind = kindOf(fault.kind());
        String prefix = kind == Kind.CERTIFICATE_UNREADABLE
                ? "tls: failed to parse certificate from server: "
                : door.go().verificationPrefix();
        return fault(kind, prefix + fault.words(), sentence(door, fault.kind(), issuer), command(door, fault.kind()));
    }

    private static Kind kindOf(CertificateFault.Kind kind) {
        return switch (kind) {
            case UNREADABLE -> Kind.CERTIFICATE_UNREADABLE;
            case UNKNOWN_CRITICAL_EXTENSION -> Kind.CERTIFICATE_CRITICAL_EXTENSION;
            case EXPIRED -> Kind.CERTIFICATE_EXPIRED;
            case NOT_YET_VALID -> Kind.CERTIFICATE_NOT_YET_VALID;
            case WRONG_NAME -> Kind.CERTIFICATE_WRONG_NAME;
            case NO_IP_NAME -> Kind.CERTIFICATE_NO_IP_NAME;
            case COMMON_NAME_ONLY -> Kind.CERTIFICATE_COMMON_NAME_ONLY;
            case UNKNOWN_AUTHORITY -> Kind.CERTIFICATE_UNKNOWN_AUTHORITY;
            case OTHER_KEY_OF_AUTHORITY -> Kind.CERTIFICATE_OTHER_AUTHORITY_KEY;
            case WEAK_SIGNATURE -> Kind.CERTIFICATE_WEAK_SIGNATURE;
            case WEAK_KEY -> Kind.CERTIFICATE_WEAK_KEY;
            case NOT_A_CA -> Kind.CERTIFICATE_NOT_A_CA;
            case PATH_TOO_LONG -> Kind.CERTIFICATE_PATH_TOO_LONG;
            case NAME_NOT_PERMITTED -> Kind.CERTIFICATE_NAME_NOT_PERMITTED;
            case WRONG_KEY_USAGE -> Kind.CERTIFICATE_WRONG_USAGE;
        };
    }

    private static String sentence(Door door, CertificateFault.Kind kind, String issuer) {
        String its = "The certificate of " + door.host() + " ";
        return switch (kind) {
            case UNREADABLE -> its + "is damaged, or made by a tool that breaks the rules: issue it anew.";
            case UNKNOWN_CRITICAL_EXTENSION ->
                its + "has a critical extension that Go does not know: issue it anew without.";
            case EXPIRED -> its + "or of its CA has expired, if this node's clock is right. Renew it.";
            case NOT_YET_VALID -> its + "or of its CA is not valid yet: is this node's clock behind?";
            case WRONG_NAME ->
                its + "is for other names. Ask by a name it has, or issue it with '" + door.name() + "' in its SANs.";
            case NO_IP_NAME ->
                its + "names no address, and the runtime asks by address. Issue it with IP:" + door.name()
                        + " in its SANs, or ask by name.";
            case COMMON_NAME_ONLY ->
                its + "has its name in the Common Name only, where Go does not look. Issue it with DNS:" + door.name()
                        + " in its SANs.";
            case UNKNOWN_AUTHORITY ->
                its + "was issued by '" + issuer + "', whom the runtime does not trust for it. Configure that CA as"
                        + " 'ca' of this registry; or, if it is an intermediate's, let the registry send its chain.";
            case OTHER_KEY_OF_AUTHORITY ->
                "The runtime trusts a CA of the name '" + issuer + "', but not the one whose key signed the certificate"
                        + " of " + door.host() + ": the CA was made anew. Configure the new one as 'ca'.";
            case WEAK_SIGNATURE -> its + "or of its CA is signed with an algorithm Go refuses. Issue it with SHA-256.";
            case WEAK_KEY -> its + "was signed with a key that is too short. Make a CA with 2048 bits or more.";
            case NOT_A_CA ->
                "What signed the certificate of " + door.host() + " is no CA (CA:TRUE, or keyCertSign, is missing)."
                        + " Configure the CA itself, not a server's certificate.";
            case PATH_TOO_LONG -> "A CA of " + door.host() + " does not allow as many CAs below it as there are.";
            case NAME_NOT_PERMITTED -> "A CA of " + door.host() + " may not sign for this name (name constraints).";
            case WRONG_KEY_USAGE ->
                its + "is not for servers: issue it with the extended key usage serverAuth, or with none.";
        };
    }

    private static String command(Door door, CertificateFault.Kind kind) {
        return switch (kind) {
            case EXPIRED, NOT_YET_VALID -> "timedatectl";
            default -> show(door);
        };
    }

    private static String show(Door door) {
        return "openssl s_client -showcerts -connect " + door.address() + " -servername " + door.name() + " </dev/null";
    }

    static RegistryFault fault(Kind kind, String words, String sentence, String command) {
        return new RegistryFault(kind, words, sentence, command);
    }
}
