package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Thirty images of real size that share layers, side by side in one run: the keeper as the agent runs it and the command
 * {@code farrier images pull}, against {@code docker pull} in a loop, {@code xargs -P3} and {@code skopeo sync}. For
 * {@code packaging/bench.sh images}; prints medians, the best of the rounds (what is least disturbed on a busy machine) and
 * the ratios of both.
 */
@EnabledIfSystemProperty(named = "farrier.images.rounds", matches = "\\d+")
final class ImagePullBenchIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("image-bench").patience(Duration.ofMinutes(10));

    private static final int ROUNDS = Integer.getInteger("farrier.images.rounds", 3);
    /** Which of them begins the first round; for rounds that are run one by one. */
    private static final int FIRST = Integer.getInteger("farrier.images.first", 0);

    /** Which rows are measured beside the loop, by their number; all unless told. */
    private static final String ROWS = System.getProperty("farrier.images.rows", "2345");

    private static final String LOOP = "1 docker pull loop";
    private static final String XARGS = "2 xargs -P3";
    private static final String SKOPEO = "3 skopeo sync to folders";
    private static final String FARRIER = "4 farrier agent";
    private static final String COMMAND = "5 farrier images pull";
    /** Made once, it takes a minute. */
    private static final Path LAYERS = Path.of("target", "bench", "layers").toAbsolutePath();

    private static final String COLD = ", cold";
    private static final String WARM = ", nothing to do";

    private final Map<String, List<Double>> seconds = new TreeMap<>();
    private final Map<String, List<Double>> cpu = new TreeMap<>();
    /** Of whoever asks dockerd: the client's processes, or this one. */
    private final Map<String, List<Double>> ownCpu = new TreeMap<>();

    @Test
    void pullsThirtyImages() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx);
                DockerRuntime docker = new DockerRuntime(http, NODE.dockerSocket())) {
            RegistryContent content = new RegistryContent(http, Clock.systemUTC(), LoginMemory.NONE);
            List<Reference> references = seed(content);
            Path list = NODE.directory().resolve("list");
            Files.write(list, references.stream().map(Reference::toString).toList());
            Path yaml = NODE.directory().resolve("sync.yaml");
            Files.writeString(yaml, syncOf(references));
            ImageKeeper keeper = keeper(content, docker, references);
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
        String folders = NODE.directory().resolve("folders").toString();
        List<Step> steps = new ArrayList<>(List.of(() -> {
            cold(LOOP, () -> shell(loop));
            warm(LOOP, () -> shell(loop));
        }));
        Map<String, Step> beside = new TreeMap<>(Map.of(
                XARGS,
                () -> cold(XARGS, () -> shell("xargs -P3 -n1 docker pull -q <" + list + " >/dev/null")),
                SKOPEO,
                () -> {
                    cold(
                            SKOPEO,
                            () -> shell("mkdir " + folders
                                    + "; skopeo --insecure-policy sync --src yaml --dest dir --scoped " + yaml + " "
                                    + folders + " >/dev/null"));
                    shell("rm -r " + folders);
                },
                FARRIER,
                () -> {
                    cold(FARRIER, () -> keep(keeper));
                    warm(FARRIER, () -> keep(keeper));
                },
                COMMAND,
                () -> {
                    cold(COMMAND, () -> shell(jar("images", "pull")));
                    warm(COMMAND, () -> shell(jar("images", "pull")));
                }));
        beside.keySet().removeIf(name -> ROWS.indexOf(name.charAt(0)) < 0);
        steps.addAll(beside.values());
        Collections.rotate(steps, FIRST + number);
        for (Step step : steps) {
            step.run();
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Returns the CPU seconds of whoever asked. */
    private interface Work {
        double run() throws IOException;
    }

    private static double keep(ImageKeeper keeper) throws IOException {
        double before = processCpu();
        assertThat(keeper.keep(new Silence())).extracting(ImageStatus::state).containsOnly(State.PRESENT);
        return processCpu() - before;
    }

    private static double processCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() / 1000.0;
    }

    private static String jar(String... arguments) {
        return "java -jar " + Path.of("target", "farrier.jar").toAbsolutePath() + " " + String.join(" ", arguments)
                + " >/dev/null";
    }

    /** Runs it in the node; bash counts what it and its children took. */
    private static double shell(String line) {
        String words = NODE.exec("bash", "-c", "set -eo pipefail; { " + line + "; } 2>&1; times >&2")
                .succeeded()
                .err();
        // 0m0.010s 0m0.004s, of the shell itself and then of its children.
        double sum = 0;
        for (String each : words.strip().split("\\s+")) {
            int minute = each.indexOf('m');
            sum += 60 * Double.parseDouble(each.substring(0, minute))
                    + Double.parseDouble(each.substring(minute + 1, each.length() - 1));
        }
        return sum;
    }

    private void cold(String name, Work work) throws IOException {
        shell("docker ps -aq | xargs -r docker rm -f >/dev/null; docker image prune -af >/dev/null; sync");
        measure(name + COLD, work);
    }

    private void warm(String name, Work work) throws IOException {
        measure(name + WARM, work);
    }

    private void measure(String name, Work work) throws IOException {
        double before = dockerdCpu();
        long begin = System.nanoTime();
        double own = work.run();
        seconds.computeIfAbsent(name, any -> new ArrayList<>()).add((System.nanoTime() - begin) / 1e9);
        cpu.computeIfAbsent(name, any -> new ArrayList<>()).add(dockerdCpu() - before);
        ownCpu.computeIfAbsent(name, any -> new ArrayList<>()).add(own);
        System.out.printf(
                Locale.ROOT,
                "%-38s %8.3f s, CPU of dockerd %.2f s, of who asks it %.2f s%n",
                name,
                last(seconds, name),
                last(cpu, name),
                last(ownCpu, name));
    }

    private static double last(Map<String, List<Double>> values, String name) {
        List<Double> all = values.get(name);
        return all.get(all.size() - 1);
    }

    /** utime and stime of proc(5), and those of the children it has waited for: it unpacks in a process of its own. */
    private static double dockerdCpu() throws IOException {
        String stat = NODE.exec("cat", "/proc/" + NODE.pid("dockerd") + "/stat")
                .succeeded()
                .out();
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return IntStream.rangeClosed(11, 14)
                        .mapToLong(i -> Long.parseLong(fields[i]))
                        .sum()
                / 100.0;
    }

    private void print() {
        StringBuilder table = new StringBuilder(
                "\n" + BulkImages.IMAGES + " images, " + ROUNDS
                        + " rounds: median s, ratio to the loop, best s, ratio to the loop's best, CPU s of dockerd, of who asks it\n");
        seconds.forEach((name, values) -> {
            List<Double> loop = seconds.get(LOOP + (name.endsWith(COLD) ? COLD : WARM));
            table.append(String.format(
                    Locale.ROOT,
                    "%-38s %8.3f %7.3fx %8.3f %7.3fx %7.2f %7.2f%n",
                    name,
                    median(values),
                    median(values) / median(loop),
                    Collections.min(values),
                    Collections.min(values) / Collections.min(loop),
                    median(cpu.get(name)),
                    median(ownCpu.get(name))));
        });
        System.out.println(table);
        if (seconds.containsKey(FARRIER + COLD) && seconds.containsKey(XARGS + COLD)) {
            System.out.println(String.format(
                    Locale.ROOT,
                    "farrier to xargs -P3, cold: median %.3fx, best %.3fx",
                    median(seconds.get(FARRIER + COLD)) / median(seconds.get(XARGS + COLD)),
                    Collections.min(seconds.get(FARRIER + COLD)) / Collections.min(seconds.get(XARGS + COLD))));
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static List<Reference> seed(RegistryContent content) throws IOException {
        Path folder = Files.createDirectories(NODE.file("/etc/docker/certs.d").resolve(NODE.registry()));
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
        List<String> names = new BulkImages(content, registry(), address()).push(LAYERS);
        NODE.configure("registries: [{host: \"%s\", ca: certs/registry-ca.crt}]\nmode: keep\nimages: {keep: [%s]}\n"
                .formatted(
                        NODE.registry(),
                        names.stream()
                                .map(name -> '"' + NODE.registry() + "/" + name + '"')
                                .collect(Collectors.joining(", "))));
        return names.stream()
                .map(name -> Reference.parse(NODE.registry() + "/" + name))
                .toList();
    }

    private static String syncOf(List<Reference> references) {
        StringBuilder yaml = new StringBuilder(NODE.registry() + ":\n  tls-verify: false\n  images:\n");
        references.forEach(each -> yaml.append("    ").append(each.path()).append(": [\"1\"]\n"));
        return yaml.toString();
    }

    /** The name of the registry is the node's alone: from outside it is asked at the node's address. */
    private static RegistryHost address() {
        return RegistryHost.parse(NODE.address() + ":5000");
    }

    private static Registry registry() throws IOException {
        return Registry.trusting(address(), Files.readAllBytes(NODE.registryCa()), Optional.empty());
    }

    private static ImageKeeper keeper(RegistryContent content, DockerRuntime docker, List<Reference> references)
            throws IOException {
        // One for its life, as the agent has it: connections are pooled by it.
        Registry registry = registry();
        Prospects prospects = new Prospects(content, host -> registry, Platform.ofThisNode());
        return ImageKeeper.of(docker, WantedImages.of(references, List.of(), Optional.empty()), Clock.systemUTC())
                .lookingFirst(reference -> prospects.of(reference.under(address())))
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
