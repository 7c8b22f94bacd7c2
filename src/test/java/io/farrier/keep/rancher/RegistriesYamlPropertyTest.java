package io.farrier.keep.rancher;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Login;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.document.RandomYaml;
import io.farrier.document.RegistriesYaml;
import io.farrier.image.RegistryHost;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.ledger.Ownership;
import io.farrier.plan.Allowance;
import io.farrier.plan.Edit;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.TestCertificates;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random prior files and random chains of configurations, in memory. A failure prints its seed; put it into {@code SEED} to
 * see it again.
 */
final class RegistriesYamlPropertyTest {
    private static final int TRIALS = 250;
    private static final long SEED = new Random().nextLong();
    private static final Path PATH = Distribution.K3S.registriesYaml();

    @Test
    void settlesAndGivesBackTheBytesForAnyPriorFileAndAnyChainOfConfigurations() {
        for (long seed = SEED; seed < SEED + TRIALS; seed++) {
            Random random = new Random(seed);
            Node node = new Node(prior(random));
            FileState original = node.file();
            for (int i = random.nextInt(3); i >= 0; i--) {
                node.apply(Optional.of(configuration(random)), seed);
            }
            node.apply(random.nextBoolean() ? Optional.empty() : Optional.of(Configurations.of(List.of())), seed);
            assertThat(text(node.file())).as("seed %d", seed).isEqualTo(text(original));
            assertThat(node.file()).as("seed %d", seed).isEqualTo(original);
            assertThat(node.files.keySet()).as("seed %d", seed).isSubsetOf(java.util.Set.of(PATH));
            assertThat(node.ours.isNone()).as("seed %d: %s", seed, node.ours).isTrue();
        }
    }

    @Test
    void withoutTheOriginalOnlyOursGoes() throws InvalidDocumentException {
        for (long seed = SEED; seed < SEED + TRIALS; seed++) {
            Random random = new Random(seed);
            Node node = new Node(prior(random));
            FileState original = node.file();
            if (original.isAbsent()) {
                continue;
            }
            node.apply(Optional.of(configuration(random)), seed);
            node.forgetTheOriginal();
            node.apply(Optional.empty(), seed);
            // A value of an operator's that was another one meanwhile comes back with quotes of ours.
            assertThat(meaning(node.file())).as("seed %d", seed).isEqualTo(meaning(original));
            assertThat(remarks(node.file())).as("seed %d", seed).isEqualTo(remarks(original));
        }
    }

    private static JsonValue meaning(FileState file) throws InvalidDocumentException {
        // "no" and "Off" are words for false.
        String text = text(file).replaceAll("insecure_skip_verify: (no|Off)", "insecure_skip_verify: false");
        return RegistriesYaml.parse(text.getBytes(StandardCharsets.UTF_8)).meaning();
    }

    private static List<String> remarks(FileState file) {
        return text(file)
                .lines()
                .filter(line -> line.contains("#"))
                .map(line -> line.substring(line.indexOf('#')))
                .toList();
    }

    /** One node in memory: its files, and what is ours of them. */
    private static final class Node {
        private final Map<Path, FileState> files = new TreeMap<>();
        private Ownership ours = Ownership.none(Distribution.K3S.resource());

        Node(FileState file) {
            put(PATH, file);
        }

        FileState file() {
            return files.getOrDefault(PATH, FileState.ABSENT);
        }

        private void put(Path path, FileState state) {
            if (state.isAbsent()) {
                files.remove(path);
            } else {
                files.put(path, state);
            }
        }

        /** As when somebody else wrote in between. */
        void forgetTheOriginal() {
            TreeMap<Path, Ownership.Touched> touched = new TreeMap<>(ours.files());
            touched.computeIfPresent(PATH, (path, known) -> new Ownership.Touched(Optional.empty(), known.written()));
            ours = new Ownership(ours.resource(), ours.claims(), touched);
        }

        void apply(Optional<FarrierConfig> config, long seed) {
            FilePlan plan = plan(config);
            assertThat(plan.refusal()).as("seed %d:\n%s", seed, text(file())).isEmpty();
            for (Edit edit : plan.edits()) {
                assertThat(files.getOrDefault(edit.path(), FileState.ABSENT))
                        .as("seed %d: %s", seed, edit.path())
                        .isEqualTo(edit.before());
                put(edit.path(), edit.after());
            }
            ours = ours.after(plan.edits(), plan.claims());
            FilePlan again = plan(config);
            assertThat(again.edits()).as("seed %d:\n%s", seed, text(file())).isEmpty();
            assertThat(again.changes()).as("seed %d:\n%s", seed, text(file())).isEmpty();
            assertThat(again.claims()).as("seed %d:\n%s", seed, text(file())).isEqualTo(plan.claims());
        }

        private FilePlan plan(Optional<FarrierConfig> config) {
            Map<Path, FileState> trust = new TreeMap<>(files);
            trust.remove(PATH);
            return RegistriesYamlPlanner.plan(
                    new RegistriesYamlFile.Observed(
                            new RancherNode(Distribution.K3S, false),
                            file(),
                            Optional.empty(),
                            trust,
                            List.of(),
                            ours,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()),
                    config,
                    Allowance.EVERYTHING);
        }
    }

    private static FileState prior(Random random) {
        return random.nextInt(6) == 0
                ? FileState.ABSENT
                : FileState.of(
                        new RandomYaml(random).document().getBytes(StandardCharsets.UTF_8),
                        random.nextBoolean() ? 0644 : 0600);
    }

    private static FarrierConfig configuration(Random random) {
        List<Registry> registries = new ArrayList<>();
        for (String host : List.of("h1.example", "h2.example:5000", "new.example", "docker.io")) {
            if (random.nextBoolean()) {
                registries.add(registry(host, random));
            }
        }
        Map<String, Mirror> mirrors = new TreeMap<>();
        for (String upstream : List.of("docker.io", "h1.example:5000", "h2.example", "*")) {
            if (random.nextBoolean()) {
                mirrors.put(upstream, mirror(random));
            }
        }
        return Configurations.of(registries, mirrors, Map.of());
    }

    private static Registry registry(String host, Random random) {
        boolean isInsecure = random.nextInt(4) == 0;
        return new Registry(
                RegistryHost.parse(host),
                isInsecure || random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(random.nextBoolean() ? TestCertificates.CA : TestCertificates.OTHER_CA),
                isInsecure || random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new ClientPair(TestCertificates.CA, Secret.of("key " + random.nextInt(3)))),
                isInsecure || random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new Login("u" + random.nextInt(3), Secret.of("p\"" + random.nextInt(3)))),
                isInsecure,
                Optional.empty());
    }

    private static Mirror mirror(Random random) {
        List<URI> endpoints = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            endpoints.add(URI.create("https://m" + (i + random.nextInt(2)) + ".example"));
        }
        return new Mirror(
                endpoints.stream().distinct().toList(),
                random.nextBoolean() ? Map.of() : Map.of("^a/(.*)$", "mine/$1"));
    }

    private static String text(FileState state) {
        return state.isAbsent() ? "absent" : new String(state.content(), StandardCharsets.UTF_8);
    }
}
