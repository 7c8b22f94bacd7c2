package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.pki.PrivateKeys;
import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.ServerNames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509KeyManager;
import org.junit.jupiter.api.Test;

final class CollectorTrustTest {
    private final CertificateAuthority ours = CertificateAuthority.create("ours", Clock.systemUTC());
    private final CertificateAuthority theirs = CertificateAuthority.create("theirs", Clock.systemUTC());
    private CertifiedKey key;

    @Test
    void aPinnedCaTrustsWhatItSignedForThisName() throws Exception {
        assertThatCode(() -> connect(pinOf(ours), "localhost", chain(ours, "localhost"), key))
                .doesNotThrowAnyException();
    }

    @Test
    void aPinnedCaDoesNotTrustAnotherName() throws Exception {
        assertThatThrownBy(() -> connect(pinOf(ours), "localhost", chain(ours, "collector.example"), key))
                .hasStackTraceContaining("No subject alternative DNS name matching localhost");
    }

    @Test
    void aPinnedCaThatIsOnlySentAlongTrustsNothing() throws Exception {
        X509Certificate pinned = chain(ours, "localhost")[1];
        X509Certificate[] strangers = chain(theirs, "localhost");

        assertThatThrownBy(() -> connect(pinOf(ours), "localhost", new X509Certificate[] {strangers[0], pinned}, key))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aPinnedCertificateIsTrustedUnderAnyName() throws Exception {
        X509Certificate[] chain = chain(theirs, "elsewhere.example");

        assertThatCode(() -> connect(sha256(chain[0]), "localhost", chain, key)).doesNotThrowAnyException();
    }

    @Test
    void anythingElseIsRefusedWithWhatWasPresented() throws Exception {
        X509Certificate[] chain = chain(theirs, "localhost");

        assertThatThrownBy(() -> connect(pinOf(ours), "localhost", chain, key))
                .hasStackTraceContaining(sha256(chain[0]))
                .hasStackTraceContaining("collector.sha256 names another");
    }

    /** The chain as a collector sends it: its certificate, then the CA. */
    private X509Certificate[] chain(CertificateAuthority ca, String name) throws Exception {
        key = ca.issueServer(ServerNames.of(List.of(name)), Clock.systemUTC());
        X509Certificate[] chain = certificates(key.chainPem() + "\n" + ca.certificatePem());
        return new X509Certificate[] {chain[0], chain[chain.length - 1]};
    }

    private static String pinOf(CertificateAuthority ca) throws Exception {
        return sha256(certificates(ca.certificatePem())[0]);
    }

    private static X509Certificate[] certificates(String pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .toArray(X509Certificate[]::new);
    }

    private static String sha256(X509Certificate certificate) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    }

    /** A real handshake; the server ends with the connection. */
    private static void connect(String pin, String host, X509Certificate[] chain, CertifiedKey key) throws Exception {
        SSLContext server = SSLContext.getInstance("TLS");
        server.init(new KeyManager[] {new Presents(chain, key)}, null, null);
        try (SSLServerSocket listening = (SSLServerSocket)
                server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> {
                try (SSLSocket accepted = (SSLSocket) listening.accept()) {
                    accepted.startHandshake();
                    OutputStream out = accepted.getOutputStream();
                    out.write('!');
                    out.flush();
                } catch (IOException refused) {
                    // The client's business.
                }
            });
            answering.setDaemon(true);
            answering.start();
            SSLContext client = SSLContext.getInstance("TLS");
            client.init(null, new TrustManager[] {new CollectorTrust(pin)}, null);
            try (SSLSocket socket =
                    (SSLSocket) client.getSocketFactory().createSocket(host, listening.getLocalPort())) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                socket.getInputStream().read();
            }
        }
    }

    /** Sends a chain that a key store would not take. */
    private record Presents(X509Certificate[] chain, CertifiedKey key) implements X509KeyManager {
        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return PrivateKeys.parsePem(key.keyPem().reveal().getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return keyType.equals("EC") ? "server" : null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {"server"};
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[0];
        }
    }
}
