package io.farrier.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CryptographyTest {
    @TempDir
    Path folder;

    @Test
    void saysThatFipsModeIsNotHeededWhereTheKernelIsInIt() throws IOException {
        Path flag = Files.writeString(folder.resolve("fips_enabled"), "1\n");

        assertThat(Cryptography.of(flag).kernel()).isEqualTo(Cryptography.Kernel.ON);
        assertThat(Cryptography.of(flag).remarks())
                .hasSize(2)
                .last()
                .asString()
                .contains("farrier does not heed it by itself");
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
