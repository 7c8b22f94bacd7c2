package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ImageKeeper.PullBoard;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Thirty images that share a layer, side by side in one run: the keeper as the agent runs it against {@code docker pull} in
 * a loop, {@code xargs -P3} and {@code skopeo sync}. For {@code packaging/bench.sh images}; prints medians and ratios.
 */
@EnabledIfSystemProperty(named = "farrier.images.rounds", matches = "\\d+")
final class ImagePullBenchIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("image-bench");

    private static final int ROUNDS = Integer.getInteger("farrier.images.rounds", 3);
    private static final int IMAGES = 30;

    private final Map<String, List<Double>> seconds = new TreeMap<>();
    private final Map<String, List<Double>> cpu = new TreeMap<>();

    @Test
    void pullsThirtyImages() throws Exception {
        List<Reference> references = seed();
        Path list = NODE.directory().resolve("list");
        Files.write(list, references.stream().map(Reference::toString).toList());
        Path yaml = NODE.directory().resolve("sync.yaml");
        Files.writeString(yaml, syncOf(references));
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx);
                DockerRuntime docker = new DockerRuntime(http, NODE.dockerSocket())) {
            ImageKeeper keeper = keeper(http, docker, references);
            for (int round = 0; round < ROUNDS; round++) {
                round(list, yaml, keeper);
            }
        } finally {
            vertx.close();
        }
        print();
    }

    private void round(Path list, Path yaml, ImageKeeper keeper) throws IOException {
        String loop = "while read -r i; do docker pull -q $i >/dev/null; done <" + list;
        cold("1 docker pull loop", () -> shell(loop));
        warm("1 docker pull loop", () -> shell(loop));
        cold("2 xargs -P3", () -> shell("xargs -P3 -n1 docker pull -q <" + list + " >/dev/null"));
        cold(
                "3 skopeo sync",
                () -> shell("skopeo --insecure-policy sync --src yaml --dest dir --scoped " + yaml
                        + " $(mktemp -d) >/dev/null 2>&1"));
        cold("4 farrier", () -> keep(keeper));
        warm("4 farrier", () -> keep(keeper));
    }

    private static void keep(ImageKeeper keeper) {
        try {
            assertThat(keeper.keep(new Silence()))
                    .extracting(ImageStatus::state)
                    .containsOnly(State.PRESENT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void shell(String line) {
        NODE.exec("bash", "-c", "set -o pipefail; " + line).succeeded();
    }

    private void cold(String name, Runnable work) throws IOException {
        shell("docker ps -aq | xargs -r docker rm -f >/dev/null; docker image prune -af >/dev/null");
        measure(name + ", cold", work);
    }

    private void warm(String name, Runnable work) throws IOException {
        measure(name + ", nothing to do", work);
    }

    private void measure(String name, Runnable work) throws IOException {
        double before = dockerdCpu();
        long begin = System.nanoTime();
        work.run();
        seconds.computeIfAbsent(name, any -> new ArrayList<>()).add((System.nanoTime() - begin) / 1e9);
        cpu.computeIfAbsent(name, any -> new ArrayList<>()).add(dockerdCpu() - before);
    }

    /** utime and stime of proc(5), in hundredths of a second. */
    private static double dockerdCpu() throws IOException {
        String stat = NODE.exec("cat", "/proc/" + NODE.pid("dockerd") + "/stat")
                .succeeded()
                .out();
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    private void print() {
        double cold = median(seconds.get("1 docker pull loop, cold"));
        double warm = median(seconds.get("1 docker pull loop, nothing to do"));
        StringBuilder table = new StringBuilder(
                "\nmedian of " + ROUNDS + " rounds, " + IMAGES + " images: wall s, ratio to the loop, dockerd CPU s\n");
        seconds.forEach((name, values) -> table.append(String.format(
                Locale.ROOT,
                "%-40s %8.3f %8.3fx %8.2f%n",
                name,
                median(values),
                median(values) / (name.endsWith("cold") ? cold : warm),
                median(cpu.get(name)))));
        System.out.println(table);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static List<Reference> seed() throws IOException {
        Path folder = Files.createDirectories(NODE.file("/etc/docker/certs.d").resolve(NODE.registry()));
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
        List<Reference> references = new ArrayList<>();
        for (int i : IntStream.range(0, IMAGES).toArray()) {
            NODE.seed("bench/image" + i + ":1");
            references.add(Reference.parse(NODE.registry() + "/bench/image" + i + ":1"));
        }
        return references;
    }

    private static String syncOf(List<Reference> references) {
        StringBuilder yaml = new StringBuilder(NODE.registry() + ":\n  tls-verify: false\n  images:\n");
        references.forEach(each -> yaml.append("    ").append(each.path()).append(": [\"1\"]\n"));
        return yaml.toString();
    }

    /** The name of the registry is the node's alone: from outside it is asked at the node's address. */
    private static ImageKeeper keeper(Http http, DockerRuntime docker, List<Reference> references) {
        RegistryHost address = RegistryHost.parse(NODE.address() + ":5000");
        Prospects prospects = new Prospects(
                new RegistryContent(http, Clock.systemUTC(), LoginMemory.NONE),
                host -> registry(host),
                Platform.ofThisNode());
        return ImageKeeper.of(docker, WantedImages.of(references, List.of(), Optional.empty()), Clock.systemUTC())
                .lookingFirst(reference -> prospects.of(reference.under(address)))
                .at(3)
                .build();
    }

    private static Registry registry(RegistryHost host) {
        try {
            return Registry.trusting(host, Files.readAllBytes(NODE.registryCa()), Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Silence implements PullBoard {
        @Override
        public void progress(String reference, long doneBytes, long totalBytes, String note) {}

        @Override
        public void ended(ImageStatus status) {}
    }
}
