package io.farrier.testing;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v1CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate with its key, as wrong as a test wants it. */
public record Minted(X509Certificate certificate, PrivateKey key) {
    private static final AtomicLong SERIALS = new AtomicLong(System.currentTimeMillis());
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    /** PEM of these certificates. */
    public static String pem(X509Certificate... certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate each : certificates) {
            pem.append(io.farrier.pki.Certificate.of(each).pem());
        }
        return pem.toString();
    }

    public String pem() {
        return pem(certificate);
    }

    public String keyPem() {
        return "-----BEGIN PRIVATE KEY-----\n"
                + java.util.Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    public static Draft ca(String name) {
        return new Draft(name).isCa();
    }

    public static Draft server(String name) {
        return new Draft(name);
    }

    /** What to mint. Without changes: P-256, SHA-256, valid from yesterday for a year, version 3. */
    public static final class Draft {
        private final String name;
        private final List<GeneralName> names = new ArrayList<>();
        private Optional<KeyPair> keys = Optional.empty();
        private String algorithm = "EC";
        private int bits = 256;
        private Optional<String> signature = Optional.empty();
        private Instant from = NOW.minus(Duration.ofDays(1));
        private Instant to = NOW.plus(Duration.ofDays(365));
        private Optional<BasicConstraints> basic = Optional.empty();
        private Optional<KeyUsage> usage = Optional.empty();
        private Optional<ExtendedKeyUsage> extended = Optional.empty();
        private Optional<NameConstraints> constraints = Optional.empty();
        private boolean hasStrangeExtension;
        private boolean isVersion1;
        private boolean hasKeyIds = true;
        private BigInteger serial = BigInteger.valueOf(SERIALS.incrementAndGet());

        private Draft(String name) {
            this.name = name;
        }

        public Draft dns(String... hosts) {
            Arrays.stream(hosts).forEach(host -> names.add(new GeneralName(GeneralName.dNSName, host)));
            return this;
        }

        public Draft ip(String... addresses) {
            Arrays.stream(addresses).forEach(address -> names.add(new GeneralName(GeneralName.iPAddress, address)));
            return this;
        }

        public Draft isCa() {
            basic = Optional.of(new BasicConstraints(true));
            usage = Optional.of(new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return this;
        }

        public Draft isCa(int pathLength) {
            basic = Optional.of(new BasicConstraints(pathLength));
            return this;
        }

        public Draft isNoCa() {
            basic = Optional.of(new BasicConstraints(false));
            usage = Optional.empty();
            return this;
        }

        public Draft withoutBasicConstraints() {
            basic = Optional.empty();
            usage = Optional.empty();
            return this;
        }

        public Draft usage(int bitsOfUsage) {
            usage = Optional.of(new KeyUsage(bitsOfUsage));
            return this;
        }

        public Draft extended(KeyPurposeId... purposes) {
            extended = Optional.of(new ExtendedKeyUsage(purposes));
            return this;
        }

        public Draft permitted(GeneralName... trees) {
            constraints = Optional.of(new NameConstraints(subtrees(trees), null));
            return this;
        }

        public Draft excluded(GeneralName... trees) {
            constraints = Optional.of(new NameConstraints(null, subtrees(trees)));
            return this;
        }

        private static GeneralSubtree[] subtrees(GeneralName[] trees) {
            return Arrays.stream(trees).map(GeneralSubtree::new).toArray(GeneralSubtree[]::new);
        }

        public Draft from(Duration ahead) {
            from = NOW.plus(ahead);
            return this;
        }

        public Draft to(Duration ahead) {
            to = NOW.plus(ahead);
            from = from.isBefore(to) ? from : to.minus(Duration.ofDays(1));
            return this;
        }

        public Draft rsa(int size) {
            algorithm = "RSA";
            bits = size;
            return this;
        }

        public Draft ed25519() {
            algorithm = "Ed25519";
            return this;
        }

        public Draft keysOf(Minted other) {
            keys = Optional.of(new KeyPair(other.certificate().getPublicKey(), other.key()));
            return this;
        }

        /** With which the issuer signs it. */
        public Draft signedWith(String signatureAlgorithm) {
            signature = Optional.of(signatureAlgorithm);
            return this;
        }

        public Draft strangeExtension() {
            hasStrangeExtension = true;
            return this;
        }

        public Draft version1() {
            isVersion1 = true;
            return this;
        }

        public Draft withoutKeyIds() {
            hasKeyIds = false;
            return this;
        }

        public Draft serial(long number) {
            serial = BigInteger.valueOf(number);
            return this;
        }

        public Minted selfSigned() {
            KeyPair own = keys();
            return mint(own, new X500Name("CN=" + name), own);
        }

        public Minted by(Minted issuer) {
            return mint(
                    keys(),
                    X500Name.getInstance(
                            issuer.certificate().getSubjectX500Principal().getEncoded()),
                    new KeyPair(issuer.certificate().getPublicKey(), issuer.key()));
        }

        private KeyPair keys() {
            if (keys.isPresent()) {
                return keys.get();
            }
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
                if (!algorithm.equals("Ed25519")) {
                    generator.initialize(bits);
                }
                return generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }

        private Minted mint(KeyPair own, X500Name issuer, KeyPair signer) {
            try {
                String how = signature.orElseGet(() -> usual(signer.getPrivate()));
                JcaContentSignerBuilder signing = new JcaContentSignerBuilder(how);
                if (how.endsWith("MGF1")) {
                    signing.setProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider());
                }
                ContentSigner sign = signing.build(signer.getPrivate());
                X509CertificateHolder made = isVersion1
                        ? new JcaX509v1CertificateBuilder(
                                        issuer,
                                        serial,
                                        Date.from(from),
                                        Date.from(to),
                                        new X500Name("CN=" + name),
                                        own.getPublic())
                                .build(sign)
                        : version3(own, issuer, signer).build(sign);
                return new Minted(new JcaX509CertificateConverter().getCertificate(made), own.getPrivate());
            } catch (Exception e) {
                throw new AssertionError(name, e);
            }
        }

        private static String usual(PrivateKey signer) {
            return switch (signer.getAlgorithm()) {
                case "EC" -> "SHA256withECDSA";
                case "EdDSA", "Ed25519" -> "Ed25519";
                default -> "SHA256withRSA";
            };
        }

        private JcaX509v3CertificateBuilder version3(KeyPair own, X500Name issuer, KeyPair signer) throws Exception {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer, serial, Date.from(from), Date.from(to), new X500Name("CN=" + name), own.getPublic());
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            if (hasKeyIds) {
                builder.addExtension(
                        Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(own.getPublic()));
                builder.addExtension(
                        Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(signer.getPublic()));
            }
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            if (basic.isPresent()) {
                builder.addExtension(Extension.basicConstraints, true, basic.get());
            }
            if (usage.isPresent()) {
                builder.addExtension(Extension.keyUsage, true, usage.get());
            }
            if (extended.isPresent()) {
                builder.addExtension(Extension.extendedKeyUsage, false, extended.get());
            }
            if (constraints.isPresent()) {
                builder.addExtension(Extension.nameConstraints, true, constraints.get());
            }
            if (hasStrangeExtension) {
                builder.addExtension(new ASN1ObjectIdentifier("1.3.6.1.4.1.55555.1"), true, DERNull.INSTANCE);
            }
            return builder;
        }
    }
}
