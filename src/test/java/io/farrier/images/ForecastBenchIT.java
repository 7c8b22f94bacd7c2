package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.ImageManifest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A list as long as Rancher's, asked for by the real jar at a real registry. For {@code packaging/bench.sh images-check}. */
@EnabledIfSystemProperty(named = "farrier.forecast.references", matches = "\\d+")
final class ForecastBenchIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("forecast-bench").seeded("bench/image:1");

    private static final int REFERENCES = Integer.getInteger("farrier.forecast.references", 700);
    private static final int ROUNDS = 3;

    @Test
    void asksForAWholeList() throws Exception {
        publish();
        Path list = NODE.directory().resolve("list.txt");
        Files.write(
                list,
                IntStream.range(0, REFERENCES)
                        .mapToObj(i -> "bench/image:v" + i)
                        .toList());
        NODE.configure("""
                registries: [{host: "%s", ca: certs/registry-ca.crt}]
                images: {system_default_registry: "%s"}
                """.formatted(NODE.registry(), NODE.registry()));
        for (int round = 0; round < ROUNDS; round++) {
            long begin = System.nanoTime();
            String words =
                    NODE.farrier("images", "check", list.toString()).succeeded().out();
            assertThat(words).contains(REFERENCES + " of " + REFERENCES + " images can be pulled");
            System.out.printf(
                    Locale.ROOT,
                    "%d references: %.1f s, start of the process included%n",
                    REFERENCES,
                    Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1000.0);
        }
    }

    /** One image under many tags: each is asked for by itself all the same. */
    private static void publish() throws IOException {
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx)) {
            RegistryContent content = new RegistryContent(http, Clock.systemUTC(), LoginMemory.NONE);
            RegistryHost address = RegistryHost.parse(NODE.address() + ":5000");
            Registry registry = Registry.trusting(address, Files.readAllBytes(NODE.registryCa()), Optional.empty());
            Reference image = Reference.parse("bench/image:1").under(address);
            ImageManifest manifest = content.manifest(registry, image);
            List<Integer> tags = IntStream.range(0, REFERENCES).boxed().toList();
            Abreast.each(8, "publish", tags, tag -> {
                content.putManifest(
                        registry, Reference.parse("bench/image:v" + tag).under(address), manifest);
                return tag;
            });
        } finally {
            vertx.close();
        }
    }
}
