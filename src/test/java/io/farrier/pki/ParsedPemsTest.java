package io.farrier.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.testing.TestCertificates;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ParsedPemsTest {
    private final List<byte[]> parsed = new ArrayList<>();
    private final ParsedPems pems = new ParsedPems(pem -> {
        parsed.add(pem);
        return Certificates.parsePem(pem);
    });

    @Test
    void parsesTheSameBytesOnceAndOthersAlways() {
        assertThat(pems.of(TestCertificates.CA)).isEqualTo(pems.of(TestCertificates.CA.clone()));
        assertThat(parsed).hasSize(1);
        assertThat(pems.of(TestCertificates.OTHER_CA)).isNotEqualTo(pems.of(TestCertificates.CA));
        assertThat(parsed).hasSize(2);
    }

    @Test
    void isNotFooledByWhoWritesIntoTheArrayLater() {
        byte[] pem = TestCertificates.CA.clone();
        List<Certificate> ca = pems.of(pem);
        System.arraycopy(TestCertificates.OTHER_CA, 0, pem, 0, Math.min(pem.length, TestCertificates.OTHER_CA.length));
        assertThat(pems.of(TestCertificates.CA)).isEqualTo(ca);
        assertThat(parsed).hasSize(1);
    }

    @Test
    void saysEachTimeWhatIsWrong() {
        byte[] none = "none".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> pems.of(none)).isInstanceOf(InvalidPemException.class);
        assertThatThrownBy(() -> pems.of(none)).isInstanceOf(InvalidPemException.class);
    }

    @Test
    void remembersNeitherEverythingNorBundles() {
        for (int i = 0; i <= ParsedPems.MAX_FILES; i++) {
            pems.of(withBlankLines(i));
        }
        pems.of(withBlankLines(0));
        assertThat(parsed).hasSize(ParsedPems.MAX_FILES + 2);
        pems.of(withBlankLines(ParsedPems.MAX_BYTES));
        pems.of(withBlankLines(ParsedPems.MAX_BYTES));
        assertThat(parsed).hasSize(ParsedPems.MAX_FILES + 4);
    }

    private static byte[] withBlankLines(int count) {
        byte[] longer = Arrays.copyOf(TestCertificates.CA, TestCertificates.CA.length + count);
        Arrays.fill(longer, TestCertificates.CA.length, longer.length, (byte) '\n');
        return longer;
    }
}
