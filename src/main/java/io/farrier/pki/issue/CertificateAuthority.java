package io.farrier.pki.issue;

import io.farrier.pki.Certificate;
import io.farrier.pki.InvalidPemException;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes a certificate authority and certificates below it: EC P-256, SHA-256. */
public final class CertificateAuthority {
    public static final Duration CA_LIFETIME = Duration.ofDays(3650);
    public static final Duration LEAF_LIFETIME = Duration.ofDays(365);

    /** Certificates start in the past, for nodes whose clock is behind. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    /** 159 bits: positive and at most 20 bytes (RFC 5280, section 4.1.2.2). */
    private static final int SERIAL_BITS = 159;

    /** Upper bound of a common name (RFC 5280, appendix A, ub-common-name-length). */
    private static final int MAX_COMMON_NAME = 64;

    private final CertifiedKey ca;

    private CertificateAuthority(CertifiedKey ca) {
        this.ca = ca;
    }

    /** @param name what people read as the issuer, such as {@code Farrier collector} */
    public static CertificateAuthority create(String name, Clock clock) {
        return create(name, CA_LIFETIME, clock);
    }

    public static CertificateAuthority create(String name, Duration lifetime, Clock clock) {
        try {
            KeyPair pair = newKeyPair();
            X500Name subject = commonName(name);
            Instant now = clock.instant();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    subject,
                    newSerial(),
                    Date.from(now.minus(BACKDATED)),
                    Date.from(now.plus(lifetime)),
                    subject,
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new CertificateAuthority(
                    new CertifiedKey(List.of(sign(builder, pair.getPrivate())), pair.getPrivate()));
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("every JDK can make a P-256 certificate", e);
        }
    }

    /** @throws InvalidPemException when one of the two cannot be read, or they are no authority's */
    public static CertificateAuthority parse(String certificatePem, Secret keyPem) {
        CertifiedKey ca = CertifiedKey.parse(certificatePem, keyPem);
        if (!ca.certificate().isCa()) {
            throw new InvalidPemException("the certificate is not one of a certificate authority");
        }
        return new CertificateAuthority(ca);
    }

    public Certificate certificate() {
        return ca.certificate();
    }

    public String certificatePem() {
        return ca.chainPem();
    }

    public Secret keyPem() {
        return ca.keyPem();
    }

    /** A server's key and certificate, with this authority's certificate behind it in the chain. */
    public CertifiedKey issueServer(ServerNames names, Clock clock) {
        return issueServer(names, LEAF_LIFETIME, clock);
    }

    /** The certificate ends with its authority's at the latest: a longer one would be refused from then on. */
    public CertifiedKey issueServer(ServerNames names, Duration lifetime, Clock clock) {
        return issue(firstOf(names), Optional.of(names), KeyPurposeId.id_kp_serverAuth, lifetime, clock);
    }

    /** For a program that proves who it is to a server; {@code name} is its common name, which servers show and log. */
    public CertifiedKey issueClient(String name, Duration lifetime, Clock clock) {
        return issue(name, Optional.empty(), KeyPurposeId.id_kp_clientAuth, lifetime, clock);
    }

    private CertifiedKey issue(
            String name, Optional<ServerNames> names, KeyPurposeId purpose, Duration lifetime, Clock clock) {
        try {
            KeyPair pair = newKeyPair();
            Instant now = clock.instant();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    ca.certificate().x509(),
                    newSerial(),
                    Date.from(now.minus(BACKDATED)),
                    Date.from(earlier(now.plus(lifetime), ca.expires())),
                    commonName(name),
                    pair.getPublic());
            JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            if (names.isPresent()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(names.get()));
            }
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(pair.getPublic()));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    identifiers.createAuthorityKeyIdentifier(ca.certificate().x509()));
            return new CertifiedKey(List.of(sign(builder, ca.key()), ca.certificate()), pair.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("every JDK can make a P-256 certificate", e);
        }
    }

    /** Its own certificate and key. */
    public CertifiedKey certifiedKey() {
        return ca;
    }

    public boolean issued(CertifiedKey leaf) {
        return leaf.certificate().isSignedBy(ca.certificate());
    }

    private static KeyPair newKeyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static BigInteger newSerial() {
        return new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(0);
    }

    private static Certificate sign(X509v3CertificateBuilder builder, PrivateKey signer)
            throws OperatorCreationException, GeneralSecurityException {
        return Certificate.of(new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer))));
    }

    private static X500Name commonName(String name) {
        String cut = name.length() > MAX_COMMON_NAME ? name.substring(0, MAX_COMMON_NAME) : name;
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, cut).build();
    }

    private static String firstOf(ServerNames names) {
        if (!names.dns().isEmpty()) {
            return names.dns().first();
        }
        if (!names.addresses().isEmpty()) {
            return names.addresses().first();
        }
        throw new IllegalArgumentException("a server certificate needs at least one name");
    }

    private static GeneralNames alternativeNames(ServerNames names) {
        List<GeneralName> all = new ArrayList<>();
        names.dns().forEach(name -> all.add(new GeneralName(GeneralName.dNSName, name)));
        names.addresses().forEach(address -> all.add(new GeneralName(GeneralName.iPAddress, address)));
        return new GeneralNames(all.toArray(GeneralName[]::new));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
