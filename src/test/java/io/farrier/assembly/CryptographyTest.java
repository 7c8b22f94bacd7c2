package io.farrier.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.Minted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CryptographyTest {
    @TempDir
    Path folder;

    @Test
    void saysWhatFipsModeMeansWhereTheKernelIsInIt() throws IOException {
        Path flag = Files.writeString(folder.resolve("fips_enabled"), "1\n");

        assertThat(Cryptography.of(flag).kernel()).isEqualTo(Cryptography.Kernel.ON);
        assertThat(Cryptography.of(flag).remarks()).last().asString().contains("approved algorithms only");
    }

    @Test
    void saysThatThereAreNoPasswords() {
        assertThat(Cryptography.ofThisProcess().remarks())
                .anySatisfy(
                        remark -> assertThat(remark).contains("no passwords", "PBKDF2", "256 random bits", "SHA-256"));
    }

    @Test
    void onAKernelInFipsModeOnlyApprovedAlgorithmsAreListedAndOffered() throws Exception {
        assertThat(underKernel("1\n"))
                .contains("TLS_AES_256_GCM_SHA384", "with approved ones: said hello", "an RSA chain: trusted")
                .contains(
                        "without approved ones: refused",
                        "an Ed25519 chain: refused: Algorithm constraints check failed")
                .doesNotContain("TLS_CHACHA20_POLY1305_SHA256,");
    }

    @Test
    void onAnyOtherKernelNothingIsTakenAway() throws Exception {
        assertThat(underKernel("0\n"))
                .contains("TLS_CHACHA20_POLY1305_SHA256,", "without approved ones: said hello")
                .contains("an RSA chain: trusted", "an Ed25519 chain: trusted");
    }

    /** In a JVM of its own: what is restricted stays so for the life of a process. */
    private String underKernel(String says) throws Exception {
        Path flag = Files.writeString(folder.resolve("fips_enabled"), says);
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Heeding.class.getName(),
                        flag.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        return said;
    }

    /** Asks as {@code version --crypto} does, then tries a handshake and a chain, with and without approved algorithms. */
    static final class Heeding {
        private Heeding() {}

        public static void main(String[] args) throws Exception {
            System.out.println(
                    String.join(",", Cryptography.heeded(Path.of(args[0])).suites()) + ",");
            System.out.println("with approved ones: " + hello("TLS_AES_256_GCM_SHA384"));
            System.out.println("without approved ones: " + hello("TLS_CHACHA20_POLY1305_SHA256"));
            System.out.println(
                    "an RSA chain: " + chainFrom(Minted.ca("rsa").rsa(2048).selfSigned()));
            System.out.println(
                    "an Ed25519 chain: " + chainFrom(Minted.ca("ed").ed25519().selfSigned()));
        }

        private static String hello(String suite) throws Exception {
            SSLEngine client = SSLContext.getDefault().createSSLEngine();
            client.setUseClientMode(true);
            client.setEnabledCipherSuites(new String[] {suite});
            try {
                client.wrap(
                        ByteBuffer.allocate(0),
                        ByteBuffer.allocate(client.getSession().getPacketBufferSize()));
                return "said hello";
            } catch (SSLHandshakeException nothingLeft) {
                return "refused";
            }
        }

        private static String chainFrom(Minted ca) throws Exception {
            X509Certificate leaf = Minted.server("registry").by(ca).certificate();
            PKIXParameters trust = new PKIXParameters(Set.of(new TrustAnchor(ca.certificate(), null)));
            trust.setRevocationEnabled(false);
            try {
                CertPathValidator.getInstance("PKIX")
                        .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), trust);
                return "trusted";
            } catch (CertPathValidatorException notApproved) {
                return "refused: " + notApproved.getMessage();
            }
        }
    }

    @Test
    void neverClaimsTheValidatedModule() throws IOException {
        Path flag = Files.writeString(folder.resolve("fips_enabled"), "0\n");

        assertThat(Cryptography.of(flag).kernel()).isEqualTo(Cryptography.Kernel.OFF);
        assertThat(Cryptography.of(flag).remarks()).first().asString().contains("not the validated module");
        assertThat(Cryptography.of(folder.resolve("none")).kernel()).isEqualTo(Cryptography.Kernel.UNKNOWN);
    }

    @Test
    void listsWhatIsUsed() {
        Cryptography used = Cryptography.ofThisProcess();

        assertThat(used.providers()).anyMatch(provider -> provider.startsWith("SUN "));
        assertThat(used.protocols()).contains("TLSv1.3").doesNotContain("TLSv1", "SSLv3");
        assertThat(used.suites()).contains("TLS_AES_256_GCM_SHA384");
    }
}
