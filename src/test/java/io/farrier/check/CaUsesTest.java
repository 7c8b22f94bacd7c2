package io.farrier.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.testing.TestCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

final class CaUsesTest {
    /** What is only read there; see {@code GoldenStateTest}. */
    private static final Path GOLDEN = Path.of("src/test/resources/state/0.1.0");

    @Test
    void whatAReleaseCountedGoesOnCounting() throws IOException {
        CaUses uses = new CaUses(NodeFiles.below(GOLDEN.toAbsolutePath()), Path.of("/var/lib/farrier"));
        RegistryHost registry = RegistryHost.parse("reg.example:5000");
        Certificate ca = Certificates.parsePem(TestCertificates.CA).get(0);

        assertThat(uses.idleDays(registry, ca)).isEqualTo(12);
        assertThat(uses.lastUsed(registry, ca)).contains(LocalDate.parse("2026-11-01"));
        assertThat(uses.idleDays(RegistryHost.parse("other:5000"), ca)).isZero();
    }
}
