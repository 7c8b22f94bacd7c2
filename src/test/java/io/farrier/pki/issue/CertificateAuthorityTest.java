package io.farrier.pki.issue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.pki.InvalidPemException;
import io.farrier.secret.Secret;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CertificateAuthorityTest {
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final ServerNames NAMES =
            ServerNames.of(List.of("Collector.Example", "10.0.0.5", "[2001:db8::5]", "*.lab.example"));

    private final CertificateAuthority authority = CertificateAuthority.create("Test CA", CLOCK);

    @Test
    void aServersCertificateIsTrustedThroughTheAuthority() throws Exception {
        verify(authority.issueServer(NAMES, CLOCK), authority);
    }

    @Test
    void aServersCertificateIsNotTrustedThroughAnotherAuthority() {
        CertificateAuthority other = CertificateAuthority.create("Test CA", CLOCK);

        assertThatThrownBy(() -> verify(authority.issueServer(NAMES, CLOCK), other))
                .isInstanceOf(CertPathValidatorException.class);
        assertThat(other.issued(authority.issueServer(NAMES, CLOCK))).isFalse();
    }

    @Test
    void namesAndAddressesStandInTheSubjectAlternativeName() {
        ServerNames names = authority.issueServer(NAMES, CLOCK).names();

        assertThat(names.dns()).containsExactly("*.lab.example", "collector.example");
        assertThat(names.addresses()).containsExactly("10.0.0.5", "2001:db8:0:0:0:0:0:5");
    }

    @Test
    void theAuthorityLastsTenYearsAndALeafOneOnCurveP256() {
        X509Certificate leaf = authority.issueServer(NAMES, CLOCK).certificate().x509();

        assertThat(authority.certificate().notAfter()).isEqualTo(NOW.plus(Duration.ofDays(3650)));
        assertThat(leaf.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(365)));
        assertThat(leaf.getPublicKey())
                .isInstanceOfSatisfying(
                        ECPublicKey.class,
                        key -> assertThat(key.getParams().getOrder().bitLength())
                                .isEqualTo(256));
    }

    @Test
    void aLeafIsAServerAndNoAuthority() throws Exception {
        X509Certificate leaf = authority.issueServer(NAMES, CLOCK).certificate().x509();

        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1"); // serverAuth
        assertThat(authority.certificate().x509().getBasicConstraints()).isZero(); // no authority below it
    }

    @Test
    void aNodeWhoseClockIsHoursBehindTrustsItAlready() {
        assertThat(authority.issueServer(NAMES, CLOCK).certificate().notBefore())
                .isBefore(NOW.minus(Duration.ofHours(23)));
    }

    @Test
    void comesBackFromItsPem() throws Exception {
        CertificateAuthority read = CertificateAuthority.parse(authority.certificatePem(), authority.keyPem());

        verify(read.issueServer(NAMES, CLOCK), authority);
    }

    @Test
    void niceErrorWhenTheKeyIsOfAnotherCertificate() {
        CertifiedKey one = authority.issueServer(NAMES, CLOCK);
        CertifiedKey other = authority.issueServer(NAMES, CLOCK);

        assertThatThrownBy(() -> CertifiedKey.parse(one.chainPem(), other.keyPem()))
                .isInstanceOf(InvalidPemException.class)
                .hasMessage("the key is not the key of the first certificate");
    }

    @Test
    void niceErrorWhenAServersCertificateShallBeTheAuthority() {
        CertifiedKey leaf = authority.issueServer(NAMES, CLOCK);

        assertThatThrownBy(() -> CertificateAuthority.parse(leaf.chainPem(), leaf.keyPem()))
                .isInstanceOf(InvalidPemException.class)
                .hasMessage("the certificate is not one of a certificate authority");
    }

    @Test
    void niceErrorWithoutTheTextWhenAKeyIsNone() {
        assertThatThrownBy(() -> CertifiedKey.parse(authority.certificatePem(), Secret.of("hunter2")))
                .isInstanceOf(InvalidPemException.class)
                .hasMessageContaining("the key's file holds no private key: line 1 is not")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void niceErrorForANameThatIsNone() {
        assertThatThrownBy(() -> ServerNames.of(List.of("collector.example", "not a name")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'not a name' is neither a host name nor an IP address");
    }

    @Test
    void thisMachineIsReachedByLoopbackNamesAtLeast() {
        ServerNames names = ServerNames.ofThisMachine();

        assertThat(names.dns()).contains("localhost");
        assertThat(names.addresses()).contains("127.0.0.1", "0:0:0:0:0:0:0:1");
        assertThat(names.covers(ServerNames.of(List.of("::1", "LOCALHOST")))).isTrue();
    }

    private static void verify(CertifiedKey leaf, CertificateAuthority trusted) throws Exception {
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(trusted.certificate().x509(), null)));
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX")
                .validate(
                        CertificateFactory.getInstance("X.509")
                                .generateCertPath(List.of(leaf.certificate().x509())),
                        parameters);
    }
}
