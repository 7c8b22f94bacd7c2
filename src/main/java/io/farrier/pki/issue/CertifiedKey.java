package io.farrier.pki.issue;

import io.farrier.secret.Secret;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.time.Instant;
import java.util.List;

/** A private key with its certificate and the certificates above it, leaf first. */
public final class CertifiedKey {
    private final List<X509Certificate> chain;
    private final PrivateKey key;

    CertifiedKey(List<X509Certificate> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = key;
    }

    /** @throws InvalidPemException when one of the two cannot be read, or they do not belong together */
    public static CertifiedKey parse(String chainPem, Secret keyPem) throws InvalidPemException {
        List<X509Certificate> chain = Pem.certificates(chainPem);
        PrivateKey key = Pem.privateKey(keyPem.reveal());
        if (!belongTogether(chain.get(0).getPublicKey(), key)) {
            throw new InvalidPemException("the key is not the key of the first certificate");
        }
        return new CertifiedKey(chain, key);
    }

    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** The last certificate of the chain: with an own CA, the CA's. */
    public X509Certificate last() {
        return chain.get(chain.size() - 1);
    }

    public String chainPem() {
        return Pem.of(chain);
    }

    /** PKCS#8. */
    public Secret keyPem() {
        return Secret.of(Pem.of(key));
    }

    public ServerNames names() {
        return ServerNames.in(certificate());
    }

    public Instant expires() {
        return certificate().getNotAfter().toInstant();
    }

    /** Whether the certificate above this one is {@code authority}'s own. */
    boolean isSignedBy(X509Certificate authority) {
        try {
            certificate().verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException anotherAuthority) {
            return false;
        }
    }

    PrivateKey key() {
        return key;
    }

    private static boolean belongTogether(PublicKey publicKey, PrivateKey key) {
        byte[] probe = new byte[32];
        new SecureRandom().nextBytes(probe);
        try {
            String algorithm = key instanceof ECKey ? "SHA256withECDSA" : "SHA256with" + key.getAlgorithm();
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException notOnePair) {
            return false;
        }
    }
}
