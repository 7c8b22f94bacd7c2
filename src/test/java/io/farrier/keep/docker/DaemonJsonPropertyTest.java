package io.farrier.keep.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.document.JsonDocument;
import io.farrier.ledger.Ownership;
import io.farrier.plan.Allowance;
import io.farrier.plan.Edit;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.runtime.LiveSettings;
import io.farrier.testing.Configurations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random prior files and random chains of configurations, in memory. A failure prints its seed; put it into
 * {@code SEED} to see it again.
 */
final class DaemonJsonPropertyTest {
    private static final int TRIALS = 1_000;
    private static final long SEED = new Random().nextLong();

    @Test
    void settlesAndGivesBackTheBytesForAnyPriorFileAndAnyChainOfConfigurations() {
        for (long seed = SEED; seed < SEED + TRIALS; seed++) {
            Random random = new Random(seed);
            Node node = new Node(prior(random), random.nextBoolean());
            FileState original = node.file;
            for (int i = random.nextInt(3); i >= 0; i--) {
                node.apply(DaemonJsonWishes.of(configuration(random)), seed);
            }
            node.apply(DaemonJsonWishes.none(), seed);
            assertThat(node.text()).as("seed %d", seed).isEqualTo(text(original));
            assertThat(node.file).as("seed %d", seed).isEqualTo(original);
            assertThat(node.ours.isNone()).as("seed %d", seed).isTrue();
        }
    }

    /** One node in memory: the file, what is ours of it, and what dockerd has in effect. */
    private static final class Node {
        private FileState file;
        private Ownership ours = Ownership.none(DaemonJsonFile.NAME);
        private Optional<LiveSettings> live;

        Node(FileState file, boolean dockerRuns) {
            this.file = file;
            this.live = dockerRuns
                    ? Optional.of(new LiveSettings(List.of(), List.of(), false, Map.of("debug", "false")))
                    : Optional.empty();
            reload();
        }

        void apply(DaemonJsonWishes wishes, long seed) {
            FilePlan plan = plan(wishes);
            assertThat(plan.refusal()).as("seed %d: %s", seed, text()).isEmpty();
            edit(plan, Edit.Phase.DOCUMENT);
            reload();
            assertThat(plan(wishes).edits())
                    .as("seed %d: only drops are left after the reload", seed)
                    .allMatch(edit -> edit.phase() == Edit.Phase.DROP_TRUST);
            edit(plan, Edit.Phase.DROP_TRUST);
            ours = ours.after(plan.edits(), plan.claims());
            FilePlan again = plan(wishes);
            assertThat(again.edits()).as("seed %d: %s", seed, text()).isEmpty();
            assertThat(again.changes()).as("seed %d: %s", seed, text()).isEmpty();
        }

        private FilePlan plan(DaemonJsonWishes wishes) {
            Optional<RunningDockerd.Sighting> running = live.map(settings -> new RunningDockerd.Sighting(
                    EngineVersion.parse("26.1.5"), Optional.of(settings), DockerdFlags.NONE));
            return DaemonJsonPlanner.plan(
                    new DaemonJsonFile.Observed(file, List.of(), ours, live.isPresent(), running),
                    wishes,
                    Allowance.EVERYTHING);
        }

        private void edit(FilePlan plan, Edit.Phase phase) {
            plan.edits().stream().filter(edit -> edit.phase() == phase).forEach(edit -> {
                assertThat(edit.before()).isEqualTo(file);
                file = edit.after();
            });
        }

        private void reload() {
            live = live.map(before -> reloaded(before, document()));
        }

        private static LiveSettings reloaded(LiveSettings before, JsonDocument document) {
            Map<String, String> values = new LinkedHashMap<>(before.values());
            document.get("debug").ifPresent(debug -> values.put("debug", debug.text()));
            return new LiveSettings(
                    texts(document, "insecure-registries").orElse(before.insecureRegistries()),
                    texts(document, "registry-mirrors").orElse(before.mirrors()),
                    document.get("live-restore")
                            .map(v -> v.text().equals("true"))
                            .orElse(before.liveRestore()),
                    values);
        }

        private static Optional<List<String>> texts(JsonDocument document, String key) {
            return document.get(key).map(list -> ((io.farrier.document.JsonValue.Array) list).texts());
        }

        private JsonDocument document() {
            try {
                return file.isAbsent() ? JsonDocument.empty() : JsonDocument.parse(file.content());
            } catch (io.farrier.document.InvalidDocumentException broken) {
                throw new AssertionError(text(), broken);
            }
        }

        String text() {
            return DaemonJsonPropertyTest.text(file);
        }
    }

    private static String text(FileState file) {
        return file.isAbsent() ? "absent" : new String(file.content(), StandardCharsets.UTF_8);
    }

    private static FileState prior(Random random) {
        if (random.nextInt(8) == 0) {
            return FileState.ABSENT;
        }
        String end = random.nextBoolean() ? "\n" : "\r\n";
        String space = List.of("", " ", end + "  ", end + "\t", end + "    ").get(random.nextInt(5));
        List<String> members = new ArrayList<>();
        add(members, random, "\"insecure-registries\":" + list(random, space, "a:5000", "b.example", "10.0.0.0/8"));
        add(members, random, "\"log-opts\" : {\"max-size\": \"50m\"," + space + "\"max-file\":\"3\"}");
        add(members, random, "\"live-restore\": " + random.nextBoolean());
        add(members, random, "\"registry-mirrors\": " + list(random, space, "https://m.example", "https://n.example/"));
        add(members, random, "\"x-unknown\":  {\"deep\": [1, 2.50, null]}");
        add(members, random, "\"debug\" :" + random.nextBoolean());
        java.util.Collections.shuffle(members, random);
        String text = members.isEmpty()
                ? "{}"
                : "{" + space + String.join("," + space, members) + (random.nextBoolean() ? end : "") + "}";
        text += random.nextBoolean() ? end : "";
        return FileState.of(text.getBytes(StandardCharsets.UTF_8), random.nextBoolean() ? 0644 : 0600);
    }

    private static void add(List<String> members, Random random, String member) {
        if (random.nextInt(3) > 0) {
            members.add(member);
        }
    }

    private static String list(Random random, String space, String... choices) {
        List<String> elements = new ArrayList<>();
        for (String choice : choices) {
            add(elements, random, "\"" + choice + "\"");
        }
        return "[" + space + String.join("," + space, elements) + "]";
    }

    private static FarrierConfig configuration(Random random) {
        List<FarrierConfig.Registry> registries = new ArrayList<>();
        for (String host : List.of("a:5000", "c.example:5000", "d.example")) {
            if (random.nextBoolean()) {
                registries.add(Configurations.insecure(host));
            }
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        if (random.nextBoolean()) {
            keys.put("live-restore", random.nextBoolean());
        }
        if (random.nextBoolean()) {
            keys.put("debug", random.nextBoolean());
        }
        if (random.nextBoolean()) {
            keys.put("log-opts", Map.of("max-size", "10m"));
        }
        if (random.nextBoolean()) {
            keys.put("max-concurrent-downloads", 5);
        }
        return Configurations.of(
                registries,
                random.nextBoolean()
                        ? Configurations.mirror("docker.io", "https://m.example", "https://o.example")
                        : Map.of(),
                keys);
    }
}
