package io.farrier.keep.docker;

import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonDocument;
import io.farrier.document.JsonValue;
import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.runtime.LiveSettings;
import io.farrier.testing.MemoryNode;
import io.farrier.testing.RandomNode;
import io.farrier.testing.Trials;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any prior file and any chain of configurations, with a dockerd that runs and without. */
final class DaemonJsonPropertyTest {
    private static final int TRIALS = 1_000;

    @Test
    void settlesAndGivesBackTheBytes() {
        Trials.run(TRIALS, random -> {
            RandomNode chance = new RandomNode(random);
            FileState prior = chance.daemonJson();
            Map<Path, FileState> files = prior.isAbsent() ? Map.of() : Map.of(DaemonJsonFile.PATH, prior);
            Node node = new Node(files, random);
            for (int i = random.nextInt(3); i >= 0; i--) {
                node.apply(DaemonJsonWishes.of(chance.configuration()));
            }
            node.apply(DaemonJsonWishes.none());
            node.memory.assertGivenBack(files);
        });
    }

    /** The file, and what dockerd has in effect. */
    private static final class Node {
        private final MemoryNode memory;
        private Optional<LiveSettings> live;

        Node(Map<Path, FileState> files, Random random) {
            this.memory = new MemoryNode(DaemonJsonFile.NAME, files);
            this.live = random.nextBoolean()
                    ? Optional.of(new LiveSettings(List.of(), List.of(), false, Map.of("debug", "false")))
                    : Optional.empty();
            reload();
        }

        void apply(DaemonJsonWishes wishes) {
            memory.apply(node -> plan(node, wishes), this::reload);
        }

        private FilePlan plan(MemoryNode node, DaemonJsonWishes wishes) {
            Optional<RunningDockerd.Sighting> running = live.map(settings -> new RunningDockerd.Sighting(
                    EngineVersion.parse("26.1.5"), Optional.of(settings), DockerdFlags.NONE));
            return DaemonJsonPlanner.plan(
                    new DaemonJsonFile.Observed(
                            node.file(DaemonJsonFile.PATH),
                            List.of(),
                            node.ours(),
                            live.isPresent(),
                            running,
                            List.of()),
                    wishes,
                    Allowance.EVERYTHING);
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
            return document.get(key).map(list -> ((JsonValue.Array) list).texts());
        }

        private JsonDocument document() {
            FileState file = memory.file(DaemonJsonFile.PATH);
            try {
                return file.isAbsent() ? JsonDocument.empty() : JsonDocument.parse(file.content());
            } catch (InvalidDocumentException broken) {
                throw new AssertionError(memory.toString(), broken);
            }
        }
    }
}
