package io.farrier.registry;

import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.PrivateKeys;
import io.farrier.pki.ServerChain;
import io.farrier.registry.RegistryFault.Kind;
import io.farrier.transport.Trust;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * One connection to a {@link Door}, opened step by step (name, TCP, proxy, TLS, chain), so that each step fails in the
 * words of the runtime. The JDK's verdict on a chain does not count: what Go refuses is refused before a byte of HTTP.
 */
final class Wire implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int SILENCE_MILLIS = 10_000; // Go's net/http waits as long for a handshake

    private final Door door;
    private final Socket socket;
    private final Optional<ServerChain> chain;

    private Wire(Door door, Socket socket, Optional<ServerChain> chain) {
        this.door = door;
        this.socket = socket;
        this.chain = chain;
    }

    /** What was presented; empty without TLS. */
    Optional<ServerChain> chain() {
        return chain;
    }

    /** @throws ProbeException with everything that was found wrong */
    static Wire open(Door door, Names names, Clock clock) throws ProbeException {
        Plug plug = plug(door, names);
        try {
            if (door.plain()) {
                return new Wire(door, plug, Optional.empty());
            }
            return secure(door, plug, clock);
        } catch (ProbeException failed) {
            close(plug);
            throw failed;
        }
    }

    // ---- TCP

    private static Plug plug(Door door, Names names) throws ProbeException {
        if (door.proxy().isEmpty()) {
            return connect(door, door.name(), door.port(), names);
        }
        ProxyAddress proxy = door.proxy().get();
        Plug plug;
        try {
            plug = connect(door, proxy.host(), proxy.port(), names);
        } catch (ProbeException unreachable) {
            throw new ProbeException(
                    Faults.proxyUnreachable(door, proxy, unreachable.faults().get(0)));
        }
        if (!door.plain()) {
            tunnel(door, proxy, plug);
        }
        return plug;
    }

    private static Plug connect(Door door, String host, int port, Names names) throws ProbeException {
        InetAddress[] addresses;
        try {
            addresses = names.resolve(host);
        } catch (UnknownHostException unknown) {
            throw new ProbeException(Faults.noSuchHost(door));
        }
        Optional<ProbeException> failure = Optional.empty();
        for (InetAddress address : addresses) {
            Plug plug = new Plug();
            try {
                plug.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
                plug.setSoTimeout(SILENCE_MILLIS);
                return plug;
            } catch (IOException refused) {
                close(plug);
                String literal = address.getHostAddress();
                String at = (literal.indexOf(':') < 0 ? literal : "[" + literal + "]") + ":" + port;
                // As Go: all are tried, the first failure is told.
                failure = failure.or(() -> Optional.of(new ProbeException(Faults.dial(door, at, refused))));
            }
        }
        throw failure.orElseGet(() -> new ProbeException(Faults.noSuchHost(door)));
    }

    private static void tunnel(Door door, ProxyAddress proxy, Plug plug) throws ProbeException {
        try {
            HttpWords words = new HttpWords(plug);
            words.send("CONNECT " + door.address() + " HTTP/1.1\r\nHost: " + door.address() + "\r\n\r\n");
            HttpWords.Head head = words.head();
            if (head.status() != 200) {
                close(plug);
                throw new ProbeException(Faults.proxyRefuses(door, proxy, head.reason()));
            }
            plug.forget();
        } catch (ProbeException refused) {
            throw refused;
        } catch (IOException broken) {
            close(plug);
            throw new ProbeException(Faults.proxyRefuses(door, proxy, String.valueOf(broken.getMessage())));
        }
    }

    // ---- TLS

    private static Wire secure(Door door, Plug plug, Clock clock) throws ProbeException {
        Witness witness = new Witness();
        SSLSocket tls = null;
        Optional<RegistryFault> refusal = Optional.empty();
        try {
            tls = (SSLSocket) context(door.trust(), witness)
                    .getSocketFactory()
                    .createSocket(plug, door.name(), door.port(), true);
            tls.setSSLParameters(parameters(door, tls.getSSLParameters()));
            tls.startHandshake();
        } catch (SocketTimeoutException silent) {
            refusal = Optional.of(Faults.silent(door, "TLS"));
        } catch (IOException failed) {
            refusal = Optional.of(handshakeFault(door, plug, failed));
        }
        if (witness.chain.isEmpty() || tls == null) {
            throw new ProbeException(refusal.orElseGet(() -> Faults.noTls(door)));
        }
        // It showed its chain and then wanted something of us: the chain is judged first, as Go does.
        ServerChain chain = ServerChain.of(witness.chain);
        List<RegistryFault> faults = Stream.concat(judge(door, chain, clock).stream(), refusal.stream())
                .toList();
        if (!faults.isEmpty()) {
            throw new ProbeException(faults, Optional.of(chain));
        }
        return new Wire(door, tls, Optional.of(chain));
    }

    private static SSLParameters parameters(Door door, SSLParameters parameters) {
        if (door.name().indexOf(':') < 0 && !door.name().matches("[\\d.]+")) {
            parameters.setServerNames(List.of(new SNIHostName(door.name())));
        }
        return parameters;
    }

    private static RegistryFault handshakeFault(Door door, Plug plug, IOException failed) {
        String first = plug.firstBytes();
        String said = String.valueOf(failed.getMessage());
        if (first.startsWith("HTTP")) {
            return Faults.plainHttp(door);
        }
        if (failed.getCause() instanceof CertificateException damaged) {
            return Faults.fault(
                    Kind.CERTIFICATE_UNREADABLE,
                    "tls: failed to parse certificate from server: x509: " + damaged.getMessage(),
                    "The certificate of " + door.host() + " is damaged: issue it anew.",
                    "");
        }
        if (first.isEmpty()) {
            return Faults.brokenOff(door, failed instanceof SocketException ? reset(said) : "EOF");
        }
        if (first.charAt(0) != 0x16 && first.charAt(0) != 0x15) { // handshake, alert: RFC 8446 section 5.1
            return Faults.noTls(door);
        }
        // Asked of the server's words: what the JDK says of them depends on its policy.
        OptionalInt outdated = plug.outdatedVersion();
        if (outdated.isPresent()) {
            return Faults.outdatedVersion(door, outdated.getAsInt());
        }
        return failed instanceof SSLException
                ? Faults.handshake(door, door.trust().client().isPresent(), said)
                : Faults.brokenOff(door, reset(said));
    }

    private static String reset(String said) {
        return said.toLowerCase(java.util.Locale.ROOT).contains("reset") ? "read: connection reset by peer" : said;
    }

    private static List<RegistryFault> judge(Door door, ServerChain chain, Clock clock) throws ProbeException {
        if (!door.isVerified()) {
            return List.of();
        }
        List<RegistryFault> faults;
        try {
            faults = chain.faults(door.name(), clock.instant(), door.trust().roots(), door.go()).stream()
                    .map(fault -> Faults.certificate(door, fault, chain.lastIssuer()))
                    .toList();
        } catch (IOException rootsUnreadable) {
            throw new ProbeException(Faults.fault(
                    Kind.TRUST_FILES,
                    String.valueOf(rootsUnreadable.getMessage()),
                    "The trusted roots of this node" + " cannot be read: " + rootsUnreadable.getMessage(),
                    ""));
        }
        if (door.proxy().isPresent() && faults.stream().anyMatch(Wire::isOfIssuer)) {
            ProxyAddress proxy = door.proxy().get();
            return Stream.concat(
                            Stream.of(Faults.proxyInTheMiddle(door, proxy, faults.get(0), chain.lastIssuer())),
                            faults.stream().skip(1))
                    .toList();
        }
        return faults;
    }

    private static boolean isOfIssuer(RegistryFault fault) {
        return fault.kind() == Kind.CERTIFICATE_UNKNOWN_AUTHORITY
                || fault.kind() == Kind.CERTIFICATE_OTHER_AUTHORITY_KEY;
    }

    private static SSLContext context(Trust trust, Witness witness) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(trust), new TrustManager[] {witness}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this JDK has no TLS: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keys(Trust trust) throws GeneralSecurityException, IOException {
        if (trust.client().isEmpty()) {
            return new KeyManager[0];
        }
        Trust.ClientPair pair = trust.client().get();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "client",
                PrivateKeys.parsePem(pair.key().reveal().getBytes(StandardCharsets.US_ASCII)),
                new char[0],
                Certificates.parsePem(pair.certificate()).stream()
                        .map(Certificate::x509)
                        .toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    /** Takes any chain and remembers it. Not the plain interface: the JDK would add its own opinion to that. */
    private static final class Witness extends X509ExtendedTrustManager {
        private List<X509Certificate> chain = List.of();

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String how, Socket socket) {
            chain = List.of(shown);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String how, SSLEngine engine) {
            chain = List.of(shown);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String how) {
            chain = List.of(shown);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String how, Socket socket) throws CertificateException {
            throw new CertificateException("this is no server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String how, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is no server");
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

    // ---- HTTP

    /**
     * One request and its whole answer; the connection ends with it.
     *
     * @throws ProbeException in the words of Go's net/http
     */
    HttpWords.Answer ask(HttpWords.Question question) throws ProbeException {
        try {
            HttpWords words = new HttpWords(socket);
            words.send(question.text(door));
            return words.answer(question);
        } catch (SocketTimeoutException silent) {
            throw new ProbeException(Faults.silent(door, "HTTP"));
        } catch (EOFException ended) {
            throw new ProbeException(Faults.brokenOff(door, "EOF"));
        } catch (HttpWords.NotHttpException noHttp) {
            throw new ProbeException(
                    door.plain()
                            ? Faults.tlsOnPlainPort(door, noHttp.words())
                            : Faults.fault(
                                    Kind.NO_REGISTRY,
                                    noHttp.words(),
                                    "What answers at " + door.address() + " does not speak HTTP.",
                                    ""));
        } catch (SSLException alert) {
            throw new ProbeException(
                    Faults.handshake(door, door.trust().client().isPresent(), String.valueOf(alert.getMessage())));
        } catch (IOException broken) {
            throw new ProbeException(Faults.brokenOff(door, reset(String.valueOf(broken.getMessage()))));
        }
    }

    @Override
    public void close() {
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException gone) {
            // It was to be closed.
        }
    }
}
