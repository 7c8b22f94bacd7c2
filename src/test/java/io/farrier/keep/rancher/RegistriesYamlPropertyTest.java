package io.farrier.keep.rancher;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.document.RegistriesYaml;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.testing.Configurations;
import io.farrier.testing.MemoryNode;
import io.farrier.testing.RandomNode;
import io.farrier.testing.Trials;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Any prior file and any chain of configurations, in memory. */
final class RegistriesYamlPropertyTest {
    private static final int TRIALS = 250;
    private static final Path PATH = Distribution.K3S.registriesYaml();

    @Test
    void settlesAndGivesBackTheBytes() {
        Trials.run(TRIALS, random -> {
            RandomNode chance = new RandomNode(random);
            Map<Path, FileState> prior = prior(chance.registriesYaml());
            MemoryNode node = new MemoryNode(Distribution.K3S.resource(), prior);
            for (int i = random.nextInt(3); i >= 0; i--) {
                FarrierConfig config = chance.configuration();
                node.apply(files -> plan(files, Optional.of(config)));
            }
            Optional<FarrierConfig> nothing =
                    random.nextBoolean() ? Optional.empty() : Optional.of(Configurations.of(List.of()));
            node.apply(files -> plan(files, nothing));
            node.assertGivenBack(prior);
        });
    }

    @Test
    void withoutTheOriginalOnlyOursGoes() {
        Trials.run(TRIALS, random -> {
            RandomNode chance = new RandomNode(random);
            FileState original = chance.registriesYaml();
            if (original.isAbsent()) {
                return;
            }
            MemoryNode node = new MemoryNode(Distribution.K3S.resource(), prior(original));
            FarrierConfig config = chance.configuration();
            node.apply(files -> plan(files, Optional.of(config)));
            node.forgetOriginals();
            node.apply(files -> plan(files, Optional.empty()));
            // A value of an operator's that was another one meanwhile comes back with quotes of ours.
            assertThat(meaning(node.file(PATH))).isEqualTo(meaning(original));
            assertThat(remarks(node.file(PATH))).isEqualTo(remarks(original));
        });
    }

    private static Map<Path, FileState> prior(FileState file) {
        return file.isAbsent() ? Map.of() : Map.of(PATH, file);
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

    private static FilePlan plan(MemoryNode node, Optional<FarrierConfig> config) {
        Map<Path, FileState> trust = new TreeMap<>(node.files());
        trust.remove(PATH);
        return RegistriesYamlPlanner.plan(
                new RegistriesYamlFile.Observed(
                        new RancherNode(Distribution.K3S, false),
                        node.file(PATH),
                        Optional.empty(),
                        trust,
                        List.of(),
                        node.ours(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                config,
                Allowance.EVERYTHING);
    }

    private static String text(FileState state) {
        return new String(state.content(), StandardCharsets.UTF_8);
    }
}
