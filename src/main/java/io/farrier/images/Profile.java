package io.farrier.images;

import io.farrier.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A named set of images that belongs together, kept as data beside this class.
 *
 * @param source where the list comes from, for whoever must renew it
 * @param version of that source
 */
public record Profile(String name, String source, String version, List<Reference> references) {
    /** What is in it counts only where the node itself does not say which image it uses. */
    public static final String PAUSE = "pause";

    private static final List<String> NAMES = List.of("cis-benchmark", PAUSE, "rancher-minimal");

    public Profile {
        references = List.copyOf(references);
    }

    /** All that are shipped, in alphabetical order. */
    public static List<String> names() {
        return NAMES;
    }

    /** @throws IOException when there is none of this name; the message lists those there are */
    public static Profile named(String name) throws IOException {
        if (!NAMES.contains(name)) {
            throw new IOException(
                    "There is no image profile '" + name + "'. There are: " + String.join(", ", NAMES) + ".");
        }
        try (InputStream data = Profile.class.getResourceAsStream("profiles/" + name + ".yaml")) {
            if (data == null) {
                throw new IOException("The image profile '" + name + "' is missing in this build of farrier.");
            }
            return parse(name, new String(data.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static Profile parse(String name, String yaml) {
        Data data = new Data(new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml));
        return new Profile(name, data.text("source"), data.text("version"), data.references("images"));
    }

    /** Our own file: what is wrong with it is our mistake, and a test's business. */
    private record Data(java.util.Map<String, Object> content) {
        String text(String key) {
            return String.valueOf(content.get(key));
        }

        List<Reference> references(String key) {
            List<Reference> references = new ArrayList<>();
            ((List<?>) content.getOrDefault(key, List.of()))
                    .forEach(each -> references.add(Reference.parse((String) each)));
            return references;
        }
    }
}
