package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.testing.RegistriesOracle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we say of registries.yaml, against the parser of k3s and RKE2 itself. */
final class RegistriesYamlOracleIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int RANDOM_FILES = 300;

    /** k3s takes these, and we refuse them on purpose: nobody can mean it. */
    private static final Set<String> STRICTER =
            Set.of("21-duplicate-top-key", "22-duplicate-endpoint", "35-second-document", "45-tags");

    @TempDir
    Path folder;

    @Test
    void acceptsWhatK3sAcceptsAndRefusesWhatItRefuses() throws Exception {
        Map<Path, JsonNode> verdicts = RegistriesOracle.ask(corpus());
        assertThat(verdicts).hasSizeGreaterThanOrEqualTo(40);
        verdicts.forEach((file, verdict) -> {
            boolean theyRefuse = verdict.has("error");
            boolean weRefuse = ours(file).isEmpty();
            boolean isStricter = STRICTER.contains(file.getFileName().toString().replace(".yaml", ""));
            assertThat(weRefuse).as("%s: %s", file, verdict).isEqualTo(theyRefuse || isStricter);
            assertThat(isStricter && theyRefuse)
                    .as("%s is no longer stricter", file)
                    .isFalse();
        });
    }

    @Test
    void takesTheSameMeaningFromIt() throws Exception {
        for (Map.Entry<Path, JsonNode> verdict : RegistriesOracle.ask(corpus()).entrySet()) {
            Optional<RegistriesYaml> ours = ours(verdict.getKey());
            if (ours.isPresent()) {
                assertThat(meaning(ours.get()))
                        .as("%s", verdict.getKey())
                        .isEqualTo(verdict.getValue().path("meaning"));
            }
        }
    }

    @Test
    void k3sSeesExactlyOurKeysMoreInTheEditedFile() throws Exception {
        List<Path> edited = new ArrayList<>();
        try (Stream<Path> files = Files.list(RegistriesYamlTest.GOLDEN.resolve("after"))) {
            edited.addAll(files.sorted().toList());
        }
        assertThat(edited).hasSizeGreaterThanOrEqualTo(30);
        Map<Path, JsonNode> after = RegistriesOracle.ask(edited);
        Map<Path, JsonNode> before = RegistriesOracle.ask(edited.stream()
                .map(file -> RegistriesYamlTest.GOLDEN.resolve("before").resolve(file.getFileName()))
                .toList());
        after.forEach((file, verdict) -> assertThat(verdict.path("meaning"))
                .as("%s: %s", file, verdict)
                .isEqualTo(withOurs(
                        before.get(RegistriesYamlTest.GOLDEN.resolve("before").resolve(file.getFileName()))
                                .path("meaning"))));
    }

    @Test
    void takesTheSameMeaningFromFilesInAnyStyle() throws Exception {
        long first = new Random().nextLong();
        List<Path> files = new ArrayList<>();
        for (long seed = first; seed < first + RANDOM_FILES; seed++) {
            String text = new RandomYaml(new Random(seed)).document();
            files.add(Files.writeString(folder.resolve("before-" + seed), text));
            RegistriesYaml edited = Trusted.of(RegistriesYaml.parse(text.getBytes(StandardCharsets.UTF_8)));
            files.add(Files.write(folder.resolve("after-" + seed), edited.bytes()));
        }
        RegistriesOracle.ask(files)
                .forEach((file, verdict) -> assertThat(meaning(ours(file).orElseThrow()))
                        .as("%s: %s", file.getFileName(), verdict)
                        .isEqualTo(verdict.path("meaning")));
    }

    private static List<Path> corpus() throws Exception {
        try (Stream<Path> files = Files.list(RegistriesYamlTest.GOLDEN.resolve("before"))) {
            return files.sorted().toList();
        }
    }

    private static Optional<RegistriesYaml> ours(Path file) {
        try {
            return Optional.of(RegistriesYaml.parse(Files.readAllBytes(file)));
        } catch (InvalidDocumentException refused) {
            return Optional.empty();
        } catch (java.io.IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
    }

    /** Our reading, through the struct's eyes. */
    private static JsonNode meaning(RegistriesYaml document) {
        ObjectNode node = JSON.createObjectNode();
        document.mirrors().forEach((name, mirror) -> {
            ObjectNode to = within(node, "mirrors", name);
            if (document.get(KeyPath.of("mirrors", name, "endpoint"))
                    .filter(JsonValue.Array.class::isInstance)
                    .isPresent()) {
                endpoints(document, name).forEach(to.withArray("endpoint")::add);
            }
            mirror.rewrites().forEach((from, target) -> ((ObjectNode) to.withObject("/rewrite")).put(from, target));
        });
        document.configs().forEach(host -> {
            ObjectNode to = within(node, "configs", host);
            copy(document, KeyPath.of("configs", host, "auth"), to, "auth", AUTH);
            copy(document, KeyPath.of("configs", host, "tls"), to, "tls", TLS);
        });
        names(document, KeyPath.of("auths"))
                .forEach(host -> copy(document, KeyPath.of("auths", host), within(node, "auths"), host, AUTH));
        return withoutEmptyLists(node);
    }

    private static final List<String> AUTH = List.of("username", "password", "auth", "identity_token");
    private static final List<String> TLS = List.of("ca_file", "cert_file", "key_file", "insecure_skip_verify");

    private static ObjectNode within(ObjectNode node, String... keys) {
        ObjectNode at = node;
        for (String key : keys) {
            at = at.has(key) ? (ObjectNode) at.get(key) : at.putObject(key);
        }
        return at;
    }

    /** Go reads an empty element as the empty text. */
    private static List<String> endpoints(RegistriesYaml document, String mirror) {
        JsonValue.Array list = (JsonValue.Array)
                document.get(KeyPath.of("mirrors", mirror, "endpoint")).orElseThrow();
        return list.elements().stream()
                .map(element -> element instanceof JsonValue.Text text ? text.value() : "")
                .toList();
    }

    private static List<String> names(RegistriesYaml document, KeyPath path) {
        return document.get(path)
                .filter(JsonValue.Obj.class::isInstance)
                .map(map -> List.copyOf(((JsonValue.Obj) map).members().keySet()))
                .orElse(List.of());
    }

    private static void copy(RegistriesYaml document, KeyPath from, ObjectNode to, String name, List<String> fields) {
        if (document.get(from).filter(JsonValue.Obj.class::isInstance).isEmpty()) {
            return;
        }
        ObjectNode struct = to.putObject(name);
        for (String field : fields) {
            document.get(from.child(field)).ifPresent(value -> {
                if (value instanceof JsonValue.Text text && !text.value().isEmpty()) {
                    struct.put(field, text.value());
                } else if (value.equals(new JsonValue.Bool(true))) {
                    struct.put(field, true);
                }
            });
        }
    }

    private static ObjectNode withoutEmptyLists(ObjectNode node) {
        node.path("mirrors").forEach(mirror -> {
            if (mirror.has("endpoint") && mirror.get("endpoint").isEmpty()) {
                ((ObjectNode) mirror).remove("endpoint");
            }
        });
        return node;
    }

    private static JsonNode withOurs(JsonNode before) {
        ObjectNode node = before.deepCopy();
        ObjectNode hub = within(node, "mirrors", "docker.io");
        hub.withArray("endpoint").add("https://reg.example:5000/proxy");
        within(hub, "rewrite").put("^rancher/(.*)", "mirrors/$1");
        ObjectNode mirror = within(node, "mirrors", "reg.example:5000");
        if (mirror.path("endpoint").isEmpty()) {
            mirror.withArray("endpoint").add("https://reg.example:5000");
        }
        ObjectNode registry = within(node, "configs", "reg.example:5000");
        within(registry, "auth").put("username", "robot").put("password", "s\"e\\c'r#t: \u00fc");
        within(registry, "tls").put("insecure_skip_verify", true);
        return node;
    }
}
