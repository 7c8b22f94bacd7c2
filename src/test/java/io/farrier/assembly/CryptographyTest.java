package io.farrier.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        assertThat(Cryptography.of(flag).remarks()).hasSize(2).last().asString().contains("approved algorithms only");
    }

    /** In a JVM of its own: what is restricted stays so for the life of a process. */
    @Test
    void inFipsModeOnlyApprovedAlgorithmsAreOffered() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Restricted.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said)
                .contains("TLS_AES_256_GCM_SHA384", "with approved ones: said hello")
                .contains("without approved ones: refused")
                .doesNotContain("TLS_CHACHA20_POLY1305_SHA256,");
    }

    /** Begins a handshake, first as it likes, then with nothing that is approved. */
    static final class Restricted {
        private Restricted() {}

        public static void main(String[] args) throws Exception {
            Cryptography.restrict();
            System.out.println(String.join(",", Cryptography.ofThisProcess().suites()) + ",");
            System.out.println("with approved ones: " + hello("TLS_AES_256_GCM_SHA384"));
            System.out.println("without approved ones: " + hello("TLS_CHACHA20_POLY1305_SHA256"));
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
    }

    @Test
    void neverClaimsTheValidatedModule() throws IOException {
        Path flag = Files.writeString(folder.resolve("fips_enabled"), "0\n");

        assertThat(Cryptography.of(flag).kernel()).isEqualTo(Cryptography.Kernel.OFF);
        assertThat(Cryptography.of(flag).remarks()).singleElement().asString().contains("not the validated module");
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
