package io.farrier.pki;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.pki.CertificateFault.Kind;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/** The words are those that docker and containerd gave for such certificates. */
final class ServerChainTest {
    private static final Instant NOW = Instant.parse("2026-11-20T08:52:43Z");

    @Test
    void acceptsWhatIsListed() throws Exception {
        X509Certificate certificate = certificate("reg.test", dns("reg.test"), dns("*.apps.test"), ip("10.99.0.1"));

        assertThat(faults(certificate, "reg.test")).isEmpty();
        assertThat(faults(certificate, "REG.test.")).isEmpty();
        assertThat(faults(certificate, "a.apps.test")).isEmpty();
        assertThat(faults(certificate, "10.99.0.1")).isEmpty();
    }

    @Test
    void refusesACommonNameWithoutAlternativeNamesAsGoDoesAndTheJdkDoesNot() throws Exception {
        assertThat(faults(certificate("reg.test"), "reg.test"))
                .contains(new CertificateFault(
                        Kind.COMMON_NAME_ONLY,
                        "x509: certificate relies on legacy Common Name field, use SANs instead"));
    }

    @Test
    void refusesACertificateOfNoName() throws Exception {
        assertThat(faults(certificate("something else"), "reg.test"))
                .contains(new CertificateFault(
                        Kind.WRONG_NAME, "x509: certificate is not valid for any names, but wanted to match reg.test"));
    }

    @Test
    void saysWhichNamesItIsFor() throws Exception {
        assertThat(faults(certificate("x", dns("other.test"), dns("alt.test")), "reg.test"))
                .contains(new CertificateFault(
                        Kind.WRONG_NAME, "x509: certificate is valid for other.test, alt.test, not reg.test"));
    }

    @Test
    void anAddressNeedsAnAddressEvenWhereItsNameIsListed() throws Exception {
        assertThat(faults(certificate("10.99.0.1", dns("10.99.0.1")), "10.99.0.1"))
                .contains(new CertificateFault(
                        Kind.NO_IP_NAME,
                        "x509: cannot validate certificate for 10.99.0.1 because it doesn't contain any IP SANs"));
    }

    @Test
    void aWildcardStandsForOneLabelOnly() throws Exception {
        X509Certificate certificate = certificate("x", dns("*.test"));

        assertThat(faults(certificate, "a.test")).isEmpty();
        assertThat(faults(certificate, "a.b.test")).isPresent();
        assertThat(faults(certificate, "test")).isPresent();
    }

    @Test
    void namesTheDateBeforeTheName() throws Exception {
        X509Certificate certificate = certificate("x", dns("other.test"));
        Instant end = certificate.getNotAfter().toInstant();
        Instant late = end.plus(Duration.ofDays(1));

        assertThat(faults(certificate, "reg.test", late))
                .contains(new CertificateFault(
                        Kind.EXPIRED,
                        "x509: certificate has expired or is not yet valid: current time " + late + " is after "
                                + end));
        assertThat(faults(certificate, "reg.test", NOW.minus(Duration.ofDays(99))))
                .hasValueSatisfying(fault -> assertThat(fault.words()).contains(" is before "));
    }

    private static Optional<CertificateFault> faults(X509Certificate certificate, String host) {
        return faults(certificate, host, NOW);
    }

    /** The first. The certificate itself is trusted, so that only dates and names are judged. */
    private static Optional<CertificateFault> faults(X509Certificate certificate, String host, Instant now) {
        return ServerChain.of(List.of(certificate)).faults(host, now, List.of(certificate), GoVersion.NEWEST).stream()
                .findFirst();
    }

    private static GeneralName dns(String name) {
        return new GeneralName(GeneralName.dNSName, name);
    }

    private static GeneralName ip(String address) {
        return new GeneralName(GeneralName.iPAddress, address);
    }

    private static X509Certificate certificate(String commonName, GeneralName... names) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("EC").generateKeyPair();
        X500Name subject = new X500Name("CN=" + commonName);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                subject,
                BigInteger.ONE,
                Date.from(NOW.minus(Duration.ofDays(1))),
                Date.from(NOW.plus(Duration.ofDays(1))),
                subject,
                pair.getPublic());
        if (names.length > 0) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(Stream.of(names).toArray(GeneralName[]::new)));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
    }
}
