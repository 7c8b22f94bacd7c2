package io.farrier.registry;

import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** What certificates a TLS server shows, leaf first, whether or not anybody should believe them. */
public final class ServedChain {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int HANDSHAKE_MILLIS = 10_000;
    private static final int HTTPS = 443;

    private ServedChain() {}

    /** @throws IOException when it shows none; the message is a sentence */
    public static List<Certificate> of(RegistryHost host) throws IOException {
        Witness witness = new Witness();
        String name = bare(host.name());
        int port = host.port().orElse(HTTPS);
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(name, port), CONNECT_MILLIS);
            shakeHands(witness, plain, name, port);
        } catch (UnknownHostException unknown) {
            throw new IOException("Tried to connect to " + host + " but there is no such host.", unknown);
        } catch (IOException failed) {
            // It may show its chain and then demand a certificate of us: what was seen was seen.
            if (witness.chain.isEmpty()) {
                throw new IOException("Tried to see the certificates of " + host + " but " + why(failed) + ".", failed);
            }
        }
        return witness.chain;
    }

    private static String bare(String name) {
        return name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
    }

    private static void shakeHands(Witness witness, Socket plain, String name, int port) throws IOException {
        try (SSLSocket tls = (SSLSocket) context(witness).getSocketFactory().createSocket(plain, name, port, true)) {
            tls.setSoTimeout(HANDSHAKE_MILLIS);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm(null);
            tls.setSSLParameters(parameters);
            tls.startHandshake();
        }
    }

    private static SSLContext context(X509TrustManager witness) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {witness}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this JDK has no TLS: " + e.getMessage(), e);
        }
    }

    private static String why(IOException failed) {
        String words = String.valueOf(failed.getMessage());
        boolean isNoTls = failed instanceof SSLException
                && (words.contains("plaintext") || words.contains("Unsupported or unrecognized SSL message"));
        return isNoTls ? "it does not speak TLS" : words;
    }

    /** Takes any chain and remembers it. */
    private static final class Witness implements X509TrustManager {
        private List<Certificate> chain = List.of();

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String how) {
            chain = Arrays.stream(shown).map(Certificate::of).toList();
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
}
