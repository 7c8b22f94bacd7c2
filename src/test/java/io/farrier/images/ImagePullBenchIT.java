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
import java.util.Collections;
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
 * a loop, {@code xargs -P3} and {@code skopeo sync}. For {@code packaging/bench.sh images}; prints medians, the best of the
 * rounds (what is least disturbed on a busy machine) and the ratios of both.
 */
@EnabledIfSystemProperty(named = "farrier.images.rounds", matches = "\\d+")
final class ImagePullBenchIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("image-bench");

    private static final int ROUNDS = Integer.getInteger("farrier.images.rounds", 3);
    private static final int IMAGES = 30;
    private static final String LOOP = "1 docker pull loop";
    private static final String XARGS = "2 xargs -P3";
    private static final String FARRIER = "4 farrier";
    private static final String COLD = ", cold";
    private static final String WARM = ", nothing to do";

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
                round(round, list, yaml, keeper);
            }
        } finally {
            vertx.close();
        }
        print();
    }

    /** Each round begins with another one, so that none is always first, or last. */
    private void round(int number, Path list, Path yaml, ImageKeeper keeper) throws IOException {
        String loop = "while read -r i; do docker pull -q $i >/dev/null; done <" + list;
        List<Step> steps = new ArrayList<>(List.of(
                () -> {
                    cold(LOOP, () -> shell(loop));
                    warm(LOOP, () -> shell(loop));
                },
                () -> cold(XARGS, () -> shell("xargs -P3 -n1 docker pull -q <" + list + " >/dev/null")),
                () -> cold(
                        "3 skopeo sync",
                        () -> shell("skopeo --insecure-policy sync --src yaml --dest dir --scoped " + yaml
                                + " $(mktemp -d) >/dev/null 2>&1")),
                () -> {
                    cold(FARRIER, () -> keep(keeper));
                    warm(FARRIER, () -> keep(keeper));
                }));
        Collections.rotate(steps, number);
        for (Step step : steps) {
            step.run();
        }
    }

    private interface Step {
        void run() throws IOException;
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
        measure(name + COLD, work);
    }

    private void warm(String name, Runnable work) throws IOException {
        measure(name + WARM, work);
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
        StringBuilder table = new StringBuilder("\n" + IMAGES + " images, " + ROUNDS
                + " rounds: median s, ratio to the loop, best s, ratio to the loop's best, dockerd's CPU s\n");
        seconds.forEach((name, values) -> {
            List<Double> loop = seconds.get(LOOP + (name.endsWith(COLD) ? COLD : WARM));
            table.append(String.format(
                    Locale.ROOT,
                    "%-34s %8.3f %7.3fx %8.3f %7.3fx %7.2f%n",
                    name,
                    median(values),
                    median(values) / median(loop),
                    Collections.min(values),
                    Collections.min(values) / Collections.min(loop),
                    median(cpu.get(name))));
        });
        System.out.println(table.append(String.format(
                Locale.ROOT,
                "farrier to xargs -P3, cold: median %.3fx, best %.3fx",
                median(seconds.get(FARRIER + COLD)) / median(seconds.get(XARGS + COLD)),
                Collections.min(seconds.get(FARRIER + COLD)) / Collections.min(seconds.get(XARGS + COLD)))));
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
    private static ImageKeeper keeper(Http http, DockerRuntime docker, List<Reference> references) throws IOException {
        RegistryHost address = RegistryHost.parse(NODE.address() + ":5000");
        // One for its life, as the agent has it: connections are pooled by it.
        Registry registry = Registry.trusting(address, Files.readAllBytes(NODE.registryCa()), Optional.empty());
        Prospects prospects = new Prospects(
                new RegistryContent(http, Clock.systemUTC(), LoginMemory.NONE),
                host -> registry,
                Platform.ofThisNode());
        return ImageKeeper.of(docker, WantedImages.of(references, List.of(), Optional.empty()), Clock.systemUTC())
                .lookingFirst(reference -> prospects.of(reference.under(address)))
                .at(3)
                .build();
    }

    private static final class Silence implements PullBoard {
        @Override
        public void progress(String reference, long doneBytes, long totalBytes, String note) {}

        @Override
        public void ended(ImageStatus status) {}
    }
}
