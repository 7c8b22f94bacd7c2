package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.config.ConfigSchema;
import io.farrier.config.EffectiveValue;
import io.farrier.config.InvalidConfigException;
import io.farrier.config.Loaded;
import io.farrier.config.Problem;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What is said about configuration files, without a node: for the pipeline that ships them. */
@Command(name = "config", description = "Check a configuration file, or print its JSON Schema.")
final class ConfigVerb extends Verb {
    @Override
    public Integer call() {
        throw new ParameterException(spec().commandLine(), "'config' needs one of: check, schema.");
    }

    @Command(
            name = "check",
            description =
                    "Check farrier.yaml (with its farrier.d), or collector.yaml: all mistakes at once, with line and"
                            + " suggestion. Exits 0 or 1.")
    static final class Check extends Verb {
        @Parameters(
                paramLabel = "FILE",
                arity = "0..1",
                defaultValue = "/etc/farrier/farrier.yaml",
                description =
                        "default: /etc/farrier/farrier.yaml; a file named collector*.yaml is checked as the collector's")
        Path file = Path.of("/etc/farrier/farrier.yaml");

        @Option(
                names = "--show",
                description = "print every effective value with the line it comes from; secrets are masked")
        boolean show;

        @Override
        public Integer call() {
            try {
                Loaded<?> loaded = Assembly.readForReview(file.toAbsolutePath());
                report(loaded);
                return ExitCode.DONE;
            } catch (InvalidConfigException invalid) {
                report(invalid);
                return ExitCode.ERROR;
            }
        }

        private void report(Loaded<?> loaded) {
            if (wantsJson()) {
                ObjectNode json = JsonNodeFactory.instance.objectNode().put("ok", true);
                list(json.putArray("warnings"), loaded.warnings());
                if (show) {
                    ArrayNode values = json.putArray("values");
                    loaded.values().forEach(value -> values.add(json(value)));
                }
                screen().json(json);
                return;
            }
            loaded.warnings().forEach(warning -> screen().complain("warning: " + warning));
            if (show) {
                screen().table(loaded.values().stream()
                        .map(value -> List.of(value.path() + ": " + value.value(), "# " + value.origin()))
                        .toList());
                return;
            }
            screen().line(file + " is fine.");
        }

        private void report(InvalidConfigException invalid) {
            if (wantsJson()) {
                ObjectNode json = JsonNodeFactory.instance.objectNode().put("ok", false);
                list(json.putArray("problems"), invalid.problems());
                screen().json(json);
                return;
            }
            invalid.problems().forEach(problem -> screen().complain(problem.toString()));
        }

        private static void list(ArrayNode array, List<Problem> problems) {
            for (Problem problem : problems) {
                array.addObject()
                        .put("file", problem.file().toString())
                        .put("line", problem.line())
                        .put("message", problem.message());
            }
        }

        private static ObjectNode json(EffectiveValue value) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("path", value.path())
                    .put("value", value.value())
                    .put("origin", value.origin());
        }
    }

    @Command(name = "schema", description = "Print the JSON Schema of farrier.yaml, for editors.")
    static final class Schema extends Verb {
        @Option(names = "--collector", description = "the schema of collector.yaml instead")
        boolean collector;

        @Override
        public Integer call() {
            screen().raw(collector ? ConfigSchema.collectorJson() : ConfigSchema.json());
            return ExitCode.DONE;
        }
    }
}
