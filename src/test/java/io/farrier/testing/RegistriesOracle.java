package io.farrier.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.node.Commands;
import io.farrier.node.ProcessCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parser of k3s and RKE2: {@code src/test/oracle/registries-yaml}, built with the distribution's own Go. */
public final class RegistriesOracle {
    /** The first build compiles Go's library, too. */
    private static final Duration BUILD_DEADLINE = Duration.ofMinutes(10);

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Path SOURCE = Path.of("src/test/oracle/registries-yaml");
    private static final Path YAML = Path.of("/usr/share/gocode/src/gopkg.in/yaml.v2");

    /** What it prints of them stays below {@link ProcessCommands#MAX_OUTPUT_BYTES}. */
    private static final int FILES_AT_A_TIME = 40;

    private static final ObjectMapper JSON = new ObjectMapper();

    private RegistriesOracle() {}

    /** By file: {@code meaning}, or {@code error} with the parser's words. */
    public static Map<Path, JsonNode> ask(List<Path> files) throws IOException {
        Path oracle = build();
        Map<Path, JsonNode> verdicts = new LinkedHashMap<>();
        for (int from = 0; from < files.size(); from += FILES_AT_A_TIME) {
            List<String> argv = new ArrayList<>(List.of(oracle.toString()));
            List<Path> some = files.subList(from, Math.min(files.size(), from + FILES_AT_A_TIME));
            some.forEach(file -> argv.add(file.toString()));
            for (String line : run(DEADLINE, argv).out().split("\n")) {
                JsonNode verdict = JSON.readTree(line);
                verdicts.put(Path.of(verdict.required("file").asText()), verdict);
            }
        }
        return verdicts;
    }

    private static Path build() throws IOException {
        if (!Files.isDirectory(YAML) || !Files.isExecutable(Path.of("/usr/bin/go"))) {
            throw new AssertionError(
                    "Go or " + YAML + " is missing: run 'apt-get install golang-go golang-gopkg-yaml.v2-dev'");
        }
        Path folder = Path.of("target", "oracle").toAbsolutePath();
        Path oracle = folder.resolve("registries-yaml");
        run(
                BUILD_DEADLINE,
                List.of(
                        "/usr/bin/env",
                        "GO111MODULE=off",
                        "GOPATH=/usr/share/gocode",
                        "GOFLAGS=",
                        "GOCACHE=" + folder.resolve("cache"),
                        "/usr/bin/go",
                        "build",
                        "-o",
                        oracle.toString(),
                        "./" + SOURCE));
        return oracle;
    }

    private static Commands.Result run(Duration deadline, List<String> argv) throws IOException {
        Commands.Result result = new ProcessCommands().run(deadline, argv);
        if (!result.succeeded()) {
            throw new AssertionError("'" + String.join(" ", argv) + "' failed: " + result.words());
        }
        return result;
    }
}
