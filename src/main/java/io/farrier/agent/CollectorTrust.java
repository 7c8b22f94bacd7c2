package io.farrier.agent;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts what {@code collector.sha256} names: the collector's own certificate, of which nothing else is asked, or the CA
 * that it sends along, below which chain and host name are verified as usual. The second outlives renewals.
 */
final class CollectorTrust extends X509ExtendedTrustManager {
    private final byte[] pin;

    CollectorTrust(String sha256) {
        this.pin = HexFormat.of().parseHex(sha256);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
            throws CertificateException {
        if (!isPinned(chain[0])) {
            below(pinnedIn(chain)).checkServerTrusted(chain, keyType, engine);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, Socket socket) throws CertificateException {
        if (!isPinned(chain[0])) {
            below(pinnedIn(chain)).checkServerTrusted(chain, keyType, socket);
        }
    }

    /** Without a connection nobody knows the host's name: only the certificate itself can be trusted. */
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        if (!isPinned(chain[0])) {
            throw unknown(chain[0]);
        }
    }

    private X509Certificate pinnedIn(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            if (isPinned(certificate)) {
                return certificate;
            }
        }
        throw unknown(chain[0]);
    }

    private boolean isPinned(X509Certificate certificate) throws CertificateException {
        return MessageDigest.isEqual(pin, sha256(certificate));
    }

    private static CertificateException unknown(X509Certificate presented) throws CertificateException {
        return new CertificateException("the collector presented a certificate with SHA-256 "
                + HexFormat.of().formatHex(sha256(presented))
                + ", but collector.sha256 names another. The collector says"
                + " which one it is when it starts.");
    }

    private static X509ExtendedTrustManager below(X509Certificate anchor) throws CertificateException {
        try {
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            anchors.setCertificateEntry("pinned", anchor);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(anchors);
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (IOException | GeneralSecurityException broken) {
            throw new CertificateException("cannot verify below the pinned CA", broken);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        throw new CertificateException("an agent has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, Socket socket) throws CertificateException {
        checkClientTrusted(chain, keyType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, keyType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static byte[] sha256(X509Certificate certificate) throws CertificateException {
        try {
            return MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
