package io.farrier.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.image.RegistryHost;
import io.farrier.testing.FaultyRegistry;
import io.farrier.testing.FaultyRegistry.Fault;
import io.farrier.testing.TinyImage;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.util.Collections;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A token that is refused although it is fresh: another is asked for, some times and no more. */
final class FreshTokensTest {
    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);
    private FaultyRegistry faulty;
    private TinyImage image;

    @BeforeEach
    void serve() throws Exception {
        faulty = new FaultyRegistry("127.0.0.1");
        image = TinyImage.of(faulty.host() + "/app:1", "x");
        faulty.serve(image);
    }

    @AfterEach
    void close() throws Exception {
        http.close();
        faulty.close();
        vertx.close();
    }

    @Test
    void isAskedForAgain() throws IOException {
        refuseTokens(2);

        assertThat(content().manifest(registry(), image.name()).digest())
                .isEqualTo(image.manifest().digest());
    }

    @Test
    void butNotForEver() throws IOException {
        refuseTokens(100);

        assertThatThrownBy(() -> content().manifest(registry(), image.name()))
                .isInstanceOfSatisfying(
                        RegistryRefusal.class,
                        refusal -> assertThat(refusal.isUnauthorized()).isTrue());
        assertThat(faulty.happened()).hasSize(3);
    }

    private void refuseTokens(int times) {
        faulty.fail("/v2/" + image.name().path() + "/manifests/1", Collections.nCopies(times, Fault.EXPIRED_TOKEN));
    }

    private RegistryContent content() {
        return new RegistryContent(http, Clock.systemUTC(), LoginMemory.NONE);
    }

    private Registry registry() throws IOException {
        return Registry.trusting(
                RegistryHost.parse(faulty.host()), faulty.caPem().getBytes(US_ASCII), Optional.empty());
    }
}
