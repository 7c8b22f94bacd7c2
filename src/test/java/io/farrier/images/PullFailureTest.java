package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.images.Prospect.Kind;
import io.farrier.images.PullFailure.Again;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Words as dockerd 20.10 and containerd 1.6 said them. */
final class PullFailureTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "net/http: TLS handshake timeout | UNREACHABLE | YES",
                "received unexpected HTTP status: 500 Internal Server Error | PRESENT | YES",
                "manifest unknown: manifest unknown | PRESENT | NO",
                "x509: certificate signed by unknown authority | UNREACHABLE | NO",
                "write /var/lib/docker/x: no space left on device | PRESENT | NO",
                "unauthorized | PRESENT | YES",
                "unauthorized | UNAUTHORIZED | NO",
                "unauthorized | UNREACHABLE | IF_SEEN",
                "unsupported media type application/vne.oci.image.layer.v1.tar | UNREACHABLE | YES",
                "unsupported manifest media type and no default available | UNREADABLE | NO",
                "parent snapshot sha256:b7 does not exist: not found | PRESENT | YES",
                "unexpected media type application/octet-stream for sha256:09: not found | PRESENT | YES",
            })
    void whetherToTryAgainAtOnce(String words, Kind seen, Again again) {
        assertThat(PullFailure.again(words, Optional.of(seen))).isEqualTo(again);
    }
}
