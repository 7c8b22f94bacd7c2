package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Random files in random styles; a loader that knows nothing of our nodes is the judge of what they mean. */
final class RegistriesYamlPropertyTest {
    private static final int DOCUMENTS = 1_000;
    private static final List<KeyPath> PATHS = List.of(
            KeyPath.of("configs", "ours:5000", "auth", "password"),
            KeyPath.of("configs", "h1.example", "tls", "ca_file"),
            KeyPath.of("configs", "h2.example:5000", "auth", "username"),
            KeyPath.of("mirrors", "h1.example", "rewrite", "^ours/(.*)"));
    private static final KeyPath LIST = KeyPath.of("mirrors", "h1.example", "endpoint");

    @Test
    void onlyOurKeysChangeAndRemovingThemGivesBackTheBytes() throws Exception {
        long first = new Random().nextLong();
        for (long seed = first; seed < first + DOCUMENTS; seed++) {
            String text = new RandomYaml(new Random(seed)).document();
            RegistriesYaml before = RegistriesYaml.parse(text.getBytes(StandardCharsets.UTF_8));
            assertThat(text(before)).as("seed %d", seed).isEqualTo(text);
            assertThat(meaning(before)).as("seed %d:\n%s", seed, text).isEqualTo(judge(text));
            for (KeyPath path : PATHS) {
                if (before.get(path).isEmpty()) {
                    comesAndGoes(before, before.with(path, new JsonValue.Text("our \"value\"")), path, seed);
                }
            }
            RegistriesYaml listed = before.withElement(LIST, "https://ours");
            assertThat(meaning(listed)).as("seed %d:\n%s", seed, text(listed)).isEqualTo(judge(text(listed)));
            boolean isMade = before.get(LIST).isEmpty();
            comesAndGoes(before, isMade ? listed : listed.withoutElement(LIST, "https://ours"), LIST, seed);
        }
    }

    private static void comesAndGoes(RegistriesYaml before, RegistriesYaml after, KeyPath path, long seed)
            throws Exception {
        assertThat(meaning(after)).as("seed %d:\n%s", seed, text(after)).isEqualTo(judge(text(after)));
        RegistriesYaml left = before.get(path).isEmpty() ? after.without(path) : after;
        List<KeyPath> above = path.parents();
        for (int i = above.size() - 1; i >= 0; i--) {
            left = before.get(above.get(i)).isPresent() ? left : left.without(above.get(i));
        }
        assertThat(text(left)).as("seed %d, %s:\n%s", seed, path, text(after)).isEqualTo(text(before));
    }

    private static String text(RegistriesYaml document) {
        return new String(document.bytes(), StandardCharsets.UTF_8);
    }

    private static Object meaning(RegistriesYaml document) {
        return plain(document.meaning());
    }

    /** Everything as text: the judge has types, k3s has not. */
    private static Object judge(String text) {
        String spaced = text.replace("\uFEFF", "").replace('\t', ' ');
        Object loaded = new Yaml(new SafeConstructor(new LoaderOptions())).load(spaced);
        return plain(loaded == null ? new JsonValue.Null() : JsonValue.of(loaded));
    }

    private static Object plain(JsonValue value) {
        return Tree.map(value, leaf -> {
            String word = leaf instanceof JsonValue.Text text ? text.value() : leaf.text();
            return new JsonValue.Text(word.replaceFirst("^no$|^Off$", "false"));
        });
    }
}
