package io.farrier.pki;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Private keys as PEM files hold them: PKCS #8, and the older forms of RSA (PKCS #1) and EC (SEC 1, RFC 5915). */
public final class PrivateKeys {
    private static final String LABEL = "PRIVATE KEY";
    private static final byte[] CHALLENGE = "farrier".getBytes(StandardCharsets.US_ASCII);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    private static final byte[] VERSION_0 = HexFormat.of().parseHex("020100");
    /** AlgorithmIdentifier rsaEncryption with NULL parameters. */
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    /** OID id-ecPublicKey; the curve follows. */
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int OID = 0x06;
    private static final int PARAMETERS = 0xa0;
    private static final int SHORT_LENGTH = 0x80;

    private PrivateKeys() {}

    /**
     * The first private key of a PEM file, as Go's {@code tls.X509KeyPair} takes it.
     *
     * @throws InvalidPemException with one line that says what is there instead; never with a part of the key
     */
    public static PrivateKey parsePem(byte[] pem) {
        PemBlock block = PemBlock.parseAll(pem).stream()
                .filter(any -> any.label().endsWith("PRIVATE KEY"))
                .findFirst()
                .orElseThrow(() -> new InvalidPemException("holds no private key: " + PemBlock.firstLine(pem)));
        switch (block.label()) {
            case LABEL:
                return pkcs8(block.der());
            case "RSA PRIVATE KEY":
                return pkcs8(sequence(VERSION_0, RSA, element(OCTET_STRING, block.der())));
            case "EC PRIVATE KEY":
                return pkcs8(sequence(
                        VERSION_0,
                        element(SEQUENCE, concat(EC, curve(block.der()))),
                        element(OCTET_STRING, block.der())));
            default:
                throw new InvalidPemException("holds '" + block.label()
                        + "', which cannot be used: a daemon cannot type a passphrase, so store the key without one");
        }
    }

    /** PKCS #8. For the one file it is written to: nothing else may see it. */
    public static String toPem(PrivateKey key) {
        return PemBlock.text(LABEL, key.getEncoded());
    }

    /** Whether the key signs what the certificate verifies. A pair that does not match fails every pull. */
    public static boolean belongsTo(Certificate certificate, PrivateKey key) {
        PublicKey publicKey = certificate.x509().getPublicKey();
        try {
            Signature signature = Signature.getInstance(signatureOf(key));
            signature.initSign(key);
            signature.update(CHALLENGE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(CHALLENGE);
            return signature.verify(signed);
        } catch (GeneralSecurityException differentKind) {
            return false;
        }
    }

    private static String signatureOf(PrivateKey key) {
        switch (key.getAlgorithm()) {
            case "RSA":
                return "SHA256withRSA";
            case "EC":
                return "SHA256withECDSA";
            default:
                return key.getAlgorithm();
        }
    }

    private static PrivateKey pkcs8(byte[] der) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException notThisKind) {
                continue;
            }
        }
        throw new InvalidPemException("holds a private key that is damaged or neither RSA, EC nor Ed25519");
    }

    /** The curve's OID with its tag, from {@code ECPrivateKey.parameters [0]}: version, key, then the parameters. */
    private static byte[] curve(byte[] sec1) {
        int at = contentAt(sec1, 0);
        at = contentAt(sec1, at) + lengthAt(sec1, at);
        at = contentAt(sec1, at) + lengthAt(sec1, at);
        if (byteAt(sec1, at) != PARAMETERS || byteAt(sec1, at + 2) != OID) {
            throw new InvalidPemException(
                    "holds an EC key that does not name its curve; convert it with 'openssl pkey'");
        }
        int end = at + 4 + byteAt(sec1, at + 3);
        byteAt(sec1, end - 1);
        return Arrays.copyOfRange(sec1, at + 2, end);
    }

    private static int contentAt(byte[] der, int at) {
        int length = byteAt(der, at + 1);
        return at + 2 + (length < SHORT_LENGTH ? 0 : length - SHORT_LENGTH);
    }

    private static int lengthAt(byte[] der, int at) {
        int length = byteAt(der, at + 1);
        if (length < SHORT_LENGTH) {
            return length;
        }
        throw new InvalidPemException("holds an EC key that is too long to be one");
    }

    private static int byteAt(byte[] der, int at) {
        if (at < 0 || at >= der.length) {
            throw new InvalidPemException("holds a private key that is cut short");
        }
        return der[at] & 0xff;
    }

    private static byte[] sequence(byte[]... parts) {
        return element(SEQUENCE, concat(parts));
    }

    private static byte[] element(int tag, byte[] content) {
        return concat(new byte[] {(byte) tag}, length(content.length), content);
    }

    /** DER wants the shortest form, and no key needs more than two bytes. */
    private static byte[] length(int length) {
        if (length < SHORT_LENGTH) {
            return new byte[] {(byte) length};
        }
        if (length <= 0xff) {
            return new byte[] {(byte) 0x81, (byte) length};
        }
        if (length <= 0xffff) {
            return new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length};
        }
        throw new InvalidPemException("holds a private key that is too long to be one");
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
