package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TakenAtStartTest {
    private static final Path STATE = Path.of("/var/lib/farrier");

    @Test
    void nothingHasChangedWhenTheSameWasReadAgain() {
        assertThat(TakenAtStart.changed(shipping("collector", "ca", 1), shipping("collector", "ca", 1)))
                .isEmpty();
    }

    @Test
    void namesWhatOnlyARestartBringsIntoForce() {
        FarrierConfig begun = shipping("collector", "ca", 1);

        assertThat(TakenAtStart.changed(begun, shipping("other", "ca", 1))).containsExactly("collector");
        assertThat(TakenAtStart.changed(begun, shipping("collector", "another ca", 1)))
                .containsExactly("collector");
        assertThat(TakenAtStart.changed(begun, shipping("collector", "ca", 2))).containsExactly("logs");
    }

    private static FarrierConfig shipping(String host, String ca, long holdBytes) {
        CollectorLink link = new CollectorLink(
                URI.create("wss://" + host + ":8470/feed"),
                Optional.of(ca.getBytes(StandardCharsets.UTF_8)),
                Optional.empty(),
                Secret.of("token"));
        return Configurations.shipping(STATE, link, holdBytes);
    }
}
