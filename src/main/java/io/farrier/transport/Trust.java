package io.farrier.transport;

import io.farrier.secret.Secret;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom a TLS connection believes. Make one per configured registry and keep it: connections are pooled by it.
 *
 * <p>The system's roots are the files Go reads ({@code crypto/x509/root_linux.go}), because dockerd and containerd are
 * Go; the roots of the JDK only count where none of these files exists.
 */
public final class Trust {
    private static final List<String> SYSTEM_ROOTS = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/pki/tls/cacert.pem",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/cert.pem");
    private static final int MAX_ROOTS_FILE_BYTES = 8 * 1024 * 1024; // Debian's is 200 KB; the size of a mistake

    private final boolean blind;
    private final List<X509Certificate> extra;
    private final Optional<ClientPair> client;
    private @Nullable ClientSSLOptions options;
    private @Nullable X509TrustManager manager;

    private Trust(boolean blind, List<X509Certificate> extra, Optional<ClientPair> client) {
        this.blind = blind;
        this.extra = List.copyOf(extra);
        this.client = client;
    }

    /** The system's roots, nothing else. */
    public static Trust ofSystem() {
        return new Trust(false, List.of(), Optional.empty());
    }

    /**
     * The system's roots and these.
     *
     * @param pem one or more certificates
     * @throws IOException when it holds something that is not a certificate
     */
    public static Trust withCa(byte[] pem) throws IOException {
        return new Trust(false, certificates(pem), Optional.empty());
    }

    /** Nobody is verified: only for a registry the configuration calls insecure. */
    public static Trust blind() {
        return new Trust(true, List.of(), Optional.empty());
    }

    /** The same, presenting a client certificate (PEM) when the peer asks for one. */
    public Trust withClient(byte[] certificate, Secret key) {
        return new Trust(blind, extra, Optional.of(new ClientPair(certificate, key)));
    }

    /** PEM. */
    public record ClientPair(byte[] certificate, Secret key) {
        private PemKeyCertOptions options() {
            return new PemKeyCertOptions()
                    .setCertValue(Buffer.buffer(certificate))
                    .setKeyValue(Buffer.buffer(key.reveal()));
        }
    }

    public Optional<ClientPair> client() {
        return client;
    }

    public boolean isBlind() {
        return blind;
    }

    /** Verifies chains as {@link Endpoint.Tls} does; the name of the peer is not its business. */
    public synchronized X509TrustManager manager() throws IOException {
        if (manager == null) {
            manager = managerOf(roots());
        }
        return manager;
    }

    synchronized ClientSSLOptions options() throws IOException {
        if (options == null) {
            options = blind ? blindOptions() : verifyingOptions();
            client.map(ClientPair::options).ifPresent(options::setKeyCertOptions);
        }
        return options;
    }

    private static ClientSSLOptions blindOptions() {
        return new ClientSSLOptions().setTrustAll(true).setHostnameVerificationAlgorithm("");
    }

    private ClientSSLOptions verifyingOptions() throws IOException {
        return new ClientSSLOptions()
                .setTrustOptions(TrustOptions.wrap(manager()))
                .setHostnameVerificationAlgorithm("HTTPS");
    }

    /** Whom it believes, in the order of a Go daemon's pool: the system's roots, then the others. */
    public List<X509Certificate> roots() throws IOException {
        List<X509Certificate> roots = new ArrayList<>();
        Optional<Path> file =
                SYSTEM_ROOTS.stream().map(Path::of).filter(Files::isReadable).findFirst();
        if (file.isPresent() && Files.size(file.get()) <= MAX_ROOTS_FILE_BYTES) {
            roots.addAll(certificates(Files.readAllBytes(file.get())));
        } else {
            roots.addAll(List.of(managerOf(null).getAcceptedIssuers()));
        }
        roots.addAll(extra);
        return roots;
    }

    private static X509TrustManager managerOf(@Nullable List<X509Certificate> roots) throws IOException {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(roots == null ? null : store(roots));
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IOException("Tried to make a trust store but the JDK answered: " + e.getMessage(), e);
        }
    }

    private static KeyStore store(List<X509Certificate> roots) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < roots.size(); i++) {
            store.setCertificateEntry("root-" + i, roots.get(i));
        }
        return store;
    }

    private static List<X509Certificate> certificates(byte[] pem) throws IOException {
        try {
            List<X509Certificate> found = new ArrayList<>();
            for (Certificate each :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                found.add((X509Certificate) each);
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw new IOException("Tried to read CA certificates but they are not PEM: " + e.getMessage(), e);
        }
    }
}
