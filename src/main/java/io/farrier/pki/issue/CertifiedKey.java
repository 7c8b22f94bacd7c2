package io.farrier.pki.issue;

import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.InvalidPemException;
import io.farrier.pki.PrivateKeys;
import io.farrier.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** A private key with its certificate and the certificates above it, leaf first. */
public final class CertifiedKey {
    private final List<Certificate> chain;
    private final PrivateKey key;

    CertifiedKey(List<Certificate> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = key;
    }

    /** @throws InvalidPemException when one of the two cannot be read, or they do not belong together */
    public static CertifiedKey parse(String chainPem, Secret keyPem) {
        List<Certificate> chain = chain(chainPem);
        PrivateKey key = key(keyPem);
        if (!PrivateKeys.belongsTo(chain.get(0), key)) {
            throw new InvalidPemException("the key is not the key of the first certificate");
        }
        return new CertifiedKey(chain, key);
    }

    private static List<Certificate> chain(String pem) {
        try {
            return Certificates.parsePem(bytes(pem));
        } catch (InvalidPemException noChain) {
            throw new InvalidPemException("the certificate's file " + noChain.getMessage());
        }
    }

    private static PrivateKey key(Secret pem) {
        try {
            return PrivateKeys.parsePem(bytes(pem.reveal()));
        } catch (InvalidPemException noKey) {
            throw new InvalidPemException("the key's file " + noKey.getMessage());
        }
    }

    private static byte[] bytes(String pem) {
        return pem.getBytes(StandardCharsets.UTF_8);
    }

    public Certificate certificate() {
        return chain.get(0);
    }

    /** The last certificate of the chain: with an own CA, the CA's. */
    public Certificate last() {
        return chain.get(chain.size() - 1);
    }

    public String chainPem() {
        return chain.stream().map(Certificate::pem).collect(Collectors.joining());
    }

    /** PKCS #8. */
    public Secret keyPem() {
        return Secret.of(PrivateKeys.toPem(key));
    }

    public ServerNames names() {
        return ServerNames.in(certificate().x509());
    }

    public Instant expires() {
        return certificate().notAfter();
    }

    PrivateKey key() {
        return key;
    }
}
