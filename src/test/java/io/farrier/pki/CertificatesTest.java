package io.farrier.pki;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CertificatesTest {
    private static final String CA = new String(PemFixture.bytes("ca.crt"), US_ASCII);

    @Test
    void readsWhatOpensslShows() {
        Certificate ca = Certificates.parsePem(PemFixture.bytes("ca.crt")).get(0);

        assertThat(ca.subject()).isEqualTo("CN=Example CA,O=Example");
        assertThat(ca.issuer()).isEqualTo(ca.subject());
        assertThat(ca.isCa()).isTrue();
        // openssl x509 -noout -fingerprint -sha256
        assertThat(ca.fingerprint()).isEqualTo("9a5fd02bd329cf8ecb6592e75c706a4670daeea1b310ebbef0d01a8b46659f4f");
        assertThat(ca.hasExpired(Instant.parse("2126-10-27T10:00:00Z"))).isFalse();
        assertThat(ca.hasExpired(Instant.parse("2126-10-28T00:00:00Z"))).isTrue();
    }

    @Test
    void readsSeveralWithTextAroundThemAndWindowsLineEnds() {
        String bundle = "subject=Example CA\n" + CA + "\n# the other one\n" + text("other-ca.crt");

        assertThat(parse(bundle.replace("\n", "\r\n")))
                .extracting(Certificate::subject)
                .containsExactly("CN=Example CA,O=Example", "CN=Other CA");
    }

    @Test
    void lineWidthOrderAndCommentsAreNoDifference() {
        String oneLine = CA.replaceAll("(?<!-)\n(?!-)", "");
        String other = text("other-ca.crt");

        assertThat(oneLine.lines()).hasSize(3);
        assertThat(Certificates.toPem(parse("# mine\n" + oneLine + oneLine))).isEqualTo(CA);
        assertThat(Certificates.areSame(ascii(CA + other), ascii(other + oneLine)))
                .isTrue();
        assertThat(Certificates.areSame(ascii(CA), ascii(CA + other))).isFalse();
        assertThat(Certificates.areSame(ascii(CA), ascii("no certificate"))).isFalse();
    }

    @Test
    void whatGoWouldSkipCostsOnlyItself() {
        String torn = CA.substring(0, CA.length() / 2) + "\n";
        String withHeaders = CA.replaceFirst("-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n");
        byte[] bundle = ascii(torn + withHeaders + "  " + CA + text("other-ca.crt") + text("client.key"));

        assertThat(Certificates.takenByGo(bundle))
                .extracting(Certificate::subject)
                .containsExactly("CN=Other CA");
        assertThat(Certificates.takenByGo(ascii(CA.replace("\n", " \t\r\n")))).hasSize(1);
        assertThat(Certificates.takenByGo(ascii("no certificate"))).isEmpty();
    }

    @Test
    void refusesWhatDockerWouldSilentlyIgnore() {
        assertRefused(
                PemFixture.bytes("client-pkcs1.key"),
                "holds no certificate: line 1 is '-----BEGIN RSA PRIVATE KEY-----'");
        assertRefused(
                PemFixture.bytes("ca.der"), "is DER, and only PEM is read: convert it with 'openssl x509 -inform der'");
        assertRefused(new byte[0], "holds no certificate: it is empty");
        assertRefused(ascii("\n\n"), "holds no certificate: it is empty");
        assertRefused(
                ascii(CA.replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
                "holds no certificate: line 1 is '-----BEGIN TRUSTED CERTIFICATE-----'");
        assertRefused(
                ascii(CA.replace("-----BEGIN", "  -----BEGIN")),
                "is not readable: line 1 has '-----BEGIN', but not at its start");
        assertRefused(
                join(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}, ascii(CA)),
                "starts with a byte order mark, behind which Docker finds no certificate");
    }

    @Test
    void refusesDamage() {
        assertRefused(
                ascii(CA.substring(0, CA.length() / 2)), "is cut short: what begins in line 1 has no '-----END' line");
        assertRefused(ascii(CA.replace("\nMII", "\n!II")), "is damaged: what begins in line 1 is not base64");
        assertRefused(ascii(CA.replace("\nMIID", "\nMIIC")), "is damaged: what begins in line 1 is not a certificate");
        assertRefused(
                ascii(CA.replace("END CERTIFICATE", "END CERT")),
                "is not readable: line 1 begins 'CERTIFICATE', and line 20 ends something else");
    }

    @Test
    void refusesAPrivateKeyBesideACertificate() {
        assertRefused(
                ascii(CA + text("client.key")),
                "holds a private key in line 21 beside its certificates;"
                        + " everyone may read this file, so take the key out");
    }

    @Test
    void neverShowsALineThatMayBeAPassword() {
        assertRefused(ascii("hunter2\n"), "holds no certificate: line 1 is not '-----BEGIN ...-----'");
    }

    @Test
    void everyCutOfAFileIsRefusedOrTheWhole() {
        for (int length = 0; length < CA.stripTrailing().length(); length++) {
            byte[] cut = ascii(CA.substring(0, length));
            assertThatThrownBy(() -> Certificates.parsePem(cut))
                    .as("the first %d bytes", length)
                    .isInstanceOf(InvalidPemException.class);
        }
    }

    private static void assertRefused(byte[] pem, String message) {
        assertThatThrownBy(() -> Certificates.parsePem(pem))
                .isInstanceOf(InvalidPemException.class)
                .hasMessage(message);
    }

    private static List<Certificate> parse(String pem) {
        return Certificates.parsePem(ascii(pem));
    }

    private static String text(String name) {
        return new String(PemFixture.bytes(name), US_ASCII);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }
}
