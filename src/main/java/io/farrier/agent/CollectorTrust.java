package io.farrier.agent;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.X509TrustManager;

/** Trusts the one certificate whose SHA-256 the configuration names, and asks for nothing else of it. */
final class CollectorTrust implements X509TrustManager {
    private final byte[] pin;

    CollectorTrust(String sha256) {
        this.pin = HexFormat.of().parseHex(sha256);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        byte[] seen = sha256(chain[0]);
        if (!MessageDigest.isEqual(pin, seen)) {
            throw new CertificateException("the collector presented a certificate with SHA-256 "
                    + HexFormat.of().formatHex(seen) + ", but collector.sha256 names another. Compare it with"
                    + " 'farrier certs show' on the collector.");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        throw new CertificateException("an agent has no clients");
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
