package io.farrier.registry;

import io.farrier.pki.ServerCertificate;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Http;
import io.farrier.transport.Request;
import io.farrier.transport.Response;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Whether this node's runtime would accept a registry with the CA that is configured for it, and if not, in the words
 * dockerd and containerd would use. The JDK's own verdict does not count: it takes certificates Go refuses.
 */
public final class RegistryLook {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int HANDSHAKE_MILLIS = 10_000;
    private static final Duration PING = Duration.ofSeconds(10);

    private final Http http;
    private final Clock clock;

    public RegistryLook(Http http, Clock clock) {
        this.http = http;
        this.clock = clock;
    }

    public enum Verdict {
        /** It answered as a registry and is trusted. */
        TRUSTED,
        /** It answered as a registry; nobody verified it, because it is configured as insecure. */
        INSECURE,
        NO_SUCH_HOST,
        NOT_REACHED,
        PLAIN_HTTP,
        HANDSHAKE_FAILED,
        EXPIRED,
        NOT_YET_VALID,
        WRONG_NAME,
        COMMON_NAME_ONLY,
        UNKNOWN_AUTHORITY,
        /** TLS is fine, what answers is no registry. */
        NO_REGISTRY
    }

    /** @param sentence names the registry and says what was seen and, where there is a way out, what to do */
    public record Seen(Verdict verdict, String sentence) {
        public boolean isGood() {
            return verdict == Verdict.TRUSTED || verdict == Verdict.INSECURE;
        }
    }

    /** Never throws for what a registry or the network may do. */
    public Seen at(Registry registry) {
        if (registry.insecure()) {
            return ping(registry);
        }
        Optional<Seen> fault = connect(registry);
        return fault.orElseGet(() -> ping(registry));
    }

    private Optional<Seen> connect(Registry registry) {
        String dial = "dial tcp " + registry.name() + ":" + registry.port() + ": ";
        try (Socket socket = new Socket()) {
            InetAddress address = InetAddress.getByName(bare(registry.name()));
            socket.connect(new InetSocketAddress(address, registry.port()), CONNECT_MILLIS);
            return handshake(registry, socket);
        } catch (UnknownHostException e) {
            return Optional.of(seen(
                    registry,
                    Verdict.NO_SUCH_HOST,
                    "dial tcp: lookup " + registry.name() + ": no such host",
                    "Check the name and this node's DNS."));
        } catch (SocketTimeoutException e) {
            return Optional.of(
                    seen(registry, Verdict.NOT_REACHED, dial + "i/o timeout", "A firewall may drop the packets."));
        } catch (NoRouteToHostException e) {
            return Optional.of(seen(registry, Verdict.NOT_REACHED, dial + "connect: no route to host", ""));
        } catch (ConnectException e) {
            return Optional.of(seen(
                    registry,
                    Verdict.NOT_REACHED,
                    dial + "connect: connection refused",
                    "Is the registry running, and is this its port?"));
        } catch (IOException e) {
            return Optional.of(seen(registry, Verdict.NOT_REACHED, dial + e.getMessage(), ""));
        }
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private Optional<Seen> handshake(Registry registry, Socket plain) throws IOException {
        Witness witness = new Witness();
        try (SSLSocket tls = (SSLSocket) contextOf(witness)
                .getSocketFactory()
                .createSocket(plain, bare(registry.name()), registry.port(), true)) {
            tls.setSoTimeout(HANDSHAKE_MILLIS);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm(null);
            tls.setSSLParameters(parameters);
            tls.startHandshake();
        } catch (SSLException e) {
            if (witness.chain.length == 0) {
                return Optional.of(refusedHandshake(registry, e));
            }
            // It showed its chain and then wanted something of us; the chain is judged first, as Go does.
        }
        return verdict(registry, witness.chain);
    }

    /** Takes any chain and remembers it. */
    private static final class Witness implements X509TrustManager {
        private X509Certificate[] chain = {};

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String how) {
            chain = shown.clone();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String how) throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static SSLContext contextOf(X509TrustManager witness) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {witness}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this JDK has no TLS: " + e.getMessage(), e);
        }
    }

    private static Seen refusedHandshake(Registry registry, SSLException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("plaintext") || text.contains("Unsupported or unrecognized SSL message")) {
            return seen(
                    registry,
                    Verdict.PLAIN_HTTP,
                    "http: server gave HTTP response to HTTPS client",
                    "Enable TLS there, or set 'insecure: true' for this registry.");
        }
        return seen(registry, Verdict.HANDSHAKE_FAILED, "remote error: tls: " + text, "");
    }

    private Optional<Seen> verdict(Registry registry, X509Certificate[] chain) throws IOException {
        Optional<ServerCertificate.Fault> fault =
                ServerCertificate.of(chain[0]).faultFor(bare(registry.name()), clock.instant());
        if (fault.isPresent()) {
            return Optional.of(seen(
                    registry,
                    verdictOf(fault.get().kind()),
                    fault.get().words(),
                    "The certificate of the registry must be issued anew."));
        }
        try {
            registry.trust().manager().checkServerTrusted(chain, "UNKNOWN");
            return Optional.empty();
        } catch (CertificateException e) {
            return Optional.of(seen(
                    registry,
                    Verdict.UNKNOWN_AUTHORITY,
                    "x509: certificate signed by unknown authority",
                    "It was issued by '"
                            + chain[chain.length - 1].getIssuerX500Principal().getName()
                            + "': configure that CA as 'ca' of this registry."));
        }
    }

    private static Verdict verdictOf(ServerCertificate.Fault.Kind kind) {
        return switch (kind) {
            case EXPIRED -> Verdict.EXPIRED;
            case NOT_YET_VALID -> Verdict.NOT_YET_VALID;
            case WRONG_NAME -> Verdict.WRONG_NAME;
            case COMMON_NAME_ONLY -> Verdict.COMMON_NAME_ONLY;
        };
    }

    /** A registry answers {@code GET /v2/} with 200, or with 401 and a challenge. */
    private Seen ping(Registry registry) {
        try {
            Response answer = ask(registry);
            boolean isRegistry = answer.status() == 200
                    || (answer.status() == 401
                            && answer.header("www-authenticate").isPresent());
            if (!isRegistry) {
                return seen(
                        registry,
                        Verdict.NO_REGISTRY,
                        "GET /v2/ answered " + answer.status(),
                        "What answers there is no registry, or a proxy in front of it lost the path.");
            }
            return registry.insecure()
                    ? new Seen(Verdict.INSECURE, registry.host() + " answers; it is insecure: nobody verifies it.")
                    : new Seen(Verdict.TRUSTED, registry.host() + " answers and is trusted.");
        } catch (IOException e) {
            return seen(registry, Verdict.NOT_REACHED, String.valueOf(e.getMessage()), "");
        }
    }

    private Response ask(Registry registry) throws IOException {
        try {
            return http.call(
                    Request.get(new Endpoint.Tls(registry.name(), registry.port(), registry.trust()), "/v2/"), PING);
        } catch (IOException overTls) {
            if (!registry.insecure()) {
                throw overTls;
            }
            int port = registry.host().port().orElse(80);
            return http.call(Request.get(new Endpoint.Tcp(registry.name(), port), "/v2/"), PING);
        }
    }

    private static Seen seen(Registry registry, Verdict verdict, String words, String todo) {
        return new Seen(verdict, registry.host() + ": " + words + "." + (todo.isEmpty() ? "" : " " + todo));
    }
}
