package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.Forecast.Line;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.testing.FaultyRegistry;
import io.farrier.testing.OddManifests;
import io.farrier.testing.TinyImage;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Asked of two registries over TLS that want a token: one that nodes ask, and one that has more. */
final class ForecastTest {
    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);
    private FaultyRegistry asked;
    private FaultyRegistry other;

    @BeforeEach
    void start() throws Exception {
        asked = new FaultyRegistry("127.0.0.1");
        other = new FaultyRegistry("127.0.0.1");
    }

    @AfterEach
    void stop() throws Exception {
        asked.close();
        other.close();
        http.close();
        vertx.close();
    }

    @Test
    void namesWhatIsMissingAndTheSettingThatWouldLeadToIt() throws IOException {
        asked.serve(TinyImage.of(asked.host() + "/rancher/here:1", "a"));
        other.serve(TinyImage.of(other.host() + "/rancher/there:1", "b"));

        List<Line> lines =
                forecast().of(references("rancher/here:1", "rancher/there:1", "rancher/nowhere:1"), Optional.empty());

        assertThat(lines).extracting(Line::word).containsExactly("present", "missing", "missing");
        assertThat(lines).extracting(Line::isMissing).containsExactly(false, true, true);
        assertThat(lines.get(1).hint().orElseThrow())
                .isEqualTo(other.host() + " has it: 'mirrors: {" + asked.host() + ": {endpoints: [\"https://"
                        + other.host() + "\"]}}' would lead there.");
        assertThat(lines.get(2).hint()).isEmpty();
    }

    @Test
    void anotherRegistryCanBeAskedForAllOfThem() throws IOException {
        other.serve(TinyImage.of(other.host() + "/rancher/there:1", "b"));

        assertThat(forecast()
                        .of(List.of(Reference.parse("rancher/there:1")), Optional.of(RegistryHost.parse(other.host()))))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.isMissing()).isFalse();
                    assertThat(line.reference()).hasToString("docker.io/rancher/there:1");
                    assertThat(line.asked()).hasToString(other.host() + "/rancher/there:1");
                });
    }

    @Test
    void layersThatImagesShareAreStillToBePulledOnceAndWhatIsHereNotAtAll() throws IOException {
        TinyImage one = TinyImage.of(asked.host() + "/rancher/one:1", "shared", "own 1");
        TinyImage two = TinyImage.of(asked.host() + "/rancher/two:1", "shared", "own 2");
        TinyImage here = TinyImage.of(asked.host() + "/rancher/three:1", "shared", "own 3");
        List.of(one, two, here).forEach(asked::serve);

        List<Line> lines = forecast().of(List.of(one.name(), two.name(), here.name()), Optional.empty());
        Forecast.ToPull toPull = Forecast.toPull(lines, List.of(here.name()));

        assertThat(toPull.images()).isEqualTo(2);
        assertThat(toPull.bytes())
                .isEqualTo(bytes(one) + bytes(two) - shared(one).size());
    }

    private static long bytes(TinyImage image) {
        return image.manifest().blobs().stream().mapToLong(Blob::size).sum();
    }

    private static Blob shared(TinyImage image) {
        return image.manifest().layers().get(0);
    }

    @Test
    void whatNoRuntimeOfThisNodeCouldRunCannotBePulled() throws IOException {
        TinyImage image = TinyImage.of(asked.host() + "/rancher/image:1", "a");
        asked.serve(image);
        asked.serveManifest("rancher/chart", "1", ImageManifest.OCI_IMAGE, OddManifests.chart());
        asked.serveManifest("rancher/old", "1", OddManifests.SCHEMA_1_TYPE, OddManifests.schema1("rancher/old"));
        asked.serveManifest(
                "rancher/image", "2", ImageManifest.OCI_INDEX, OddManifests.indexOfAnotherPlatform(image.manifest()));

        List<Line> lines =
                forecast().of(references("rancher/chart:1", "rancher/old:1", "rancher/image:2"), Optional.empty());

        assertThat(lines).allMatch(Line::isMissing);
        assertThat(lines).extracting(Line::word).containsExactly("no_image", "unreadable", "missing");
        assertThat(lines.get(0).sentence()).contains("it is no container image", OddManifests.CHART_CONFIG);
        assertThat(lines.get(1).sentence()).contains("schema 1", "Push it anew");
        assertThat(lines.get(2).sentence()).contains("but not for " + Platform.ofThisNode());
    }

    @Test
    void aReferenceByDigestAloneIsAskedForByIt() throws IOException {
        TinyImage image = TinyImage.of(asked.host() + "/rancher/image:1", "a");
        asked.serve(image);
        Reference exact = image.name().at(image.manifest().digest()).withoutTag();

        assertThat(forecast().of(List.of(exact), Optional.empty()))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.isMissing()).isFalse();
                    assertThat(line.digest()).contains(image.manifest().digest());
                });
    }

    private List<Reference> references(String... names) {
        return java.util.Arrays.stream(names)
                .map(name -> Reference.parse(asked.host() + "/" + name))
                .toList();
    }

    private Forecast forecast() {
        Prospects prospects = new Prospects(
                new RegistryContent(http, Clock.systemUTC(), LoginMemory.NONE), this::registry, Platform.ofThisNode());
        return new Forecast(
                prospects,
                new Sources(Map.of(), List.of()),
                ImageLock.EMPTY,
                List.of(RegistryHost.parse(other.host())));
    }

    private Registry registry(RegistryHost host) {
        FaultyRegistry server = host.value().equals(other.host()) ? other : asked;
        try {
            return Registry.trusting(host, server.caPem().getBytes(StandardCharsets.US_ASCII), Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
