package io.farrier.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema is for editors and pipelines; it must say yes where the loader does. */
class ConfigSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void isItselfValid() throws Exception {
        JsonSchema draft = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(com.networknt.schema.SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

        assertThat(draft.validate(JSON.readTree(ConfigSchema.json()))).isEmpty();
        assertThat(draft.validate(JSON.readTree(ConfigSchema.collectorJson()))).isEmpty();
        assertThat(ConfigSchema.json()).isEqualTo(ConfigSchema.json());
    }

    @Test
    void takesTheShippedFilesAsTheyAreAndWithEveryExampleSwitchedOn() throws Exception {
        for (String text : List.of(shipped("farrier.yaml"), ShippedConfigTest.uncommented("farrier.yaml"))) {
            assertThat(farrier(text)).isEmpty();
        }
        for (String text : List.of(shipped("collector.yaml"), ShippedConfigTest.uncommented("collector.yaml"))) {
            assertThat(complaints(ConfigSchema.collectorJson(), text)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode: off",
                "node: {name: 7, labels: {rack: 7, edge: true}}",
                "registries: [{host: a.example, ca: [a.crt, b.crt]}]",
                "docker: {daemon_json: {a: [1, 2.5, {b: c}], d: false}}",
                "runtime: {socket: auto}",
                "mirrors: {'*': {endpoints: ['http://a.example']}}",
            })
    void takesWhatTheLoaderTakes(String text) throws Exception {
        assertThat(farrier(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "modus: keep",
                "mode: keeep",
                "registries: []",
                "registries: [{ca: a.crt}]",
                "registries: [{host: a.example, caa: a.crt}]",
                "registries: [{host: a.example, insecure: maybe}]",
                "images: {parallel: 17}",
                "images: {lists: ['../x']}",
                "images: {profiles: [cis]}",
                "mirrors: {docker.io: {endpoints: ['registry.example:5000']}}",
                "collector: {url: 'ws://c.example/feed', token_file: t}",
                "intervals: {reconcile: 60}",
                "runtime: {socket: docker.sock}",
                "state_dir: var",
            })
    void refusesWhatTheLoaderRefuses(String text) throws Exception {
        assertThat(farrier(text)).isNotEmpty();
    }

    @Test
    void saysWhatEachPropertyIsForAndItsDefault() throws Exception {
        JsonNode properties = JSON.readTree(ConfigSchema.json()).get("properties");

        assertThat(properties.at("/mode/default").asText()).isEqualTo("observe");
        assertThat(properties.at("/images/properties/parallel/default").isInt()).isTrue();
        assertThat(properties.at("/registries/items/properties/ca/description").asText())
                .contains("CA certificates");
        assertThat(properties.at("/registries/items/required").toString()).isEqualTo("[\"host\"]");
    }

    private static List<String> farrier(String yaml) throws Exception {
        return complaints(ConfigSchema.json(), yaml);
    }

    private static List<String> complaints(String schema, String yaml) throws Exception {
        List<Problem> problems = new ArrayList<>();
        Yaml.Mapping said = YamlFile.parse(Path.of("f.yaml"), yaml.getBytes(UTF_8), problems);
        assertThat(problems).isEmpty();
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(schema)
                .validate(JSON.valueToTree(json(said)))
                .stream()
                .map(Object::toString)
                .toList();
    }

    /** As an editor with YAML 1.2 sees the file. */
    private static Object json(Yaml yaml) {
        if (yaml instanceof Yaml.Mapping mapping) {
            Map<String, Object> map = new LinkedHashMap<>();
            mapping.entries().forEach((key, entry) -> map.put(key, json(entry.value())));
            return map;
        }
        if (yaml instanceof Yaml.Sequence sequence) {
            return sequence.items().stream().map(ConfigSchemaTest::json).collect(Collectors.toList());
        }
        return JsonType.value((Yaml.Scalar) yaml);
    }

    private static String shipped(String name) throws Exception {
        return Files.readString(Path.of("conf", name));
    }
}
