package io.farrier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.config.FarrierConfig;
import io.farrier.keep.docker.DaemonJsonFile;
import io.farrier.node.CrashPoint;
import io.farrier.reconcile.Order;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class CliTest {
    /** The command line that scripts rely on; a verb goes from here only with a major version. */
    private static final List<String> CONTRACT = List.of(
            "agent",
            "collector",
            "collector invite",
            "collector members",
            "collector approve",
            "collector revoke",
            "collector forget",
            "plan",
            "apply",
            "restore",
            "recover",
            "pause",
            "resume",
            "probe",
            "why",
            "images list",
            "images check",
            "images pull",
            "images save",
            "images load",
            "images mirror",
            "images extract",
            "doctor",
            "wait",
            "status",
            "history",
            "logs",
            "certs ca",
            "certs issue",
            "certs show",
            "config check",
            "config schema",
            "config import",
            "join",
            "version",
            "completion");

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    static Stream<String> verbs() {
        // The collector runs by itself, too.
        return Stream.concat(Stream.of("collector"), leaves("", new Cli().commandLine()).stream());
    }

    private static List<String> leaves(String path, CommandLine line) {
        List<String> leaves = new ArrayList<>();
        for (Map.Entry<String, CommandLine> child : line.getSubcommands().entrySet()) {
            String name = (path + " " + child.getKey()).strip();
            if (!child.getValue().getSubcommands().isEmpty()) {
                leaves.addAll(leaves(name, child.getValue()));
            } else if (!name.equals("help")) {
                leaves.add(name);
            }
        }
        return leaves;
    }

    @Test
    void hasEveryVerbOfTheContract() {
        assertThat(verbs()).containsExactlyInAnyOrderElementsOf(CONTRACT);
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void helpOfEveryVerbListsItsOutputFormsAndAllExitCodes(String verb) {
        assertThat(run(verb + " --help")).isZero();

        assertThat(text(out)).contains("-o, --output=text|json", "Exit codes:");
        ExitCode.meanings().keySet().forEach(code -> assertThat(text(out)).containsPattern("(?m)^ +" + code.strip()));
        assertThat(text(err)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void aVerbMadeAloneIsTheSameAsAmongAll(String verb) {
        String first = verb.split(" ")[0];
        assertThat(run("help " + first)).isZero();
        String amongAll = text(out);
        out.reset();

        assertThat(run(first + " --help")).isZero();

        assertThat(text(out)).isEqualTo(amongAll).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "agent --config /srv/farrier.yaml", "agent --config farrier.yaml"})
    void theAgentAsUnitsStartItIsTheAgentOfTheCommandLine(String line) {
        String[] words = line.split(" ");
        CommandLine parsed = new Cli().commandLine();
        parsed.parseArgs(words);
        AgentVerb read = parsed.getSubcommands().get("agent").getCommand();

        assertThat(AgentVerb.asUnitsSayIt(List.of(words)).map(verb -> verb.config))
                .contains(read.config);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "agent --help",
                "agent -h",
                "agent --config",
                "agent --config=x",
                "agent --config -x",
                "agent --config @x",
                "agent --config x y",
                "agent -o json",
                "collector",
                "plan --config x"
            })
    void whateverElseIsSaidIsLeftToTheCommandLine(String line) {
        assertThat(AgentVerb.asUnitsSayIt(List.of(line.split(" ")))).isEmpty();
    }

    @Test
    void anAgentThatCannotStartSaysWhyInOneLine() {
        assertThat(run("agent --config " + folder.resolve("none.yaml"))).isEqualTo(1);

        assertThat(text(err)).contains("none.yaml").hasLineCount(1);
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void anUnknownOptionIsBadUsageForEveryVerbThatIsBuilt(String verb) {
        // The word is for verbs that need one.
        int exit = run(verb + " x --no-such-option");

        if (isBuilt(verb)) {
            assertThat(exit).isEqualTo(64);
            assertThat(text(err))
                    .contains("--no-such-option")
                    .contains("--help")
                    .hasLineCount(1);
        } else {
            assertThat(exit).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void aVerbThatIsNotBuiltSaysSoInOneLine(String verb) {
        if (!isBuilt(verb)) {
            assertThat(run(verb)).isEqualTo(1);

            assertThat(text(err))
                    .contains("'farrier " + verb + "' is not available yet")
                    .hasLineCount(1);
            assertThat(text(out)).isEmpty();
        }
    }

    private static boolean isBuilt(String verb) {
        CommandLine line = new Cli().commandLine();
        for (String word : verb.split(" ")) {
            line = line.getSubcommands().get(word);
        }
        return !(line.getCommand() instanceof NotYet);
    }

    @ParameterizedTest
    @CsvSource({
        "'',A verb is missing",
        "planx,plan",
        "images,list",
        "-o yaml version,yaml",
        "config,check",
        "probe,Which REGISTRY",
        "why,Which REFERENCE",
        "logs,Which CONTAINER",
        "logs --would-ship x,takes no CONTAINER",
        "probe --all reg:5000,--all",
        "why Busybox,lowercase"
    })
    void badUsageIsOneLineThatSaysWhatToDo(String line, String expected) {
        assertThat(run(line)).isEqualTo(64);

        assertThat(text(err)).contains(expected).hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        "plan",
        "apply",
        "restore",
        "images list",
        "images check",
        "images pull",
        "images load x.tar",
        "images save --to x.tar",
        "images mirror --to r:5000",
        "status",
        "doctor",
        "logs x",
        "logs --would-ship",
        "agent",
        "probe --all",
        "why busybox"
    })
    void aConfigurationThatIsNotThereIsOneErrorForEveryVerb(String verb) {
        assertThat(run(verb + " --config /no/such/farrier.yaml")).isEqualTo(1);

        assertThat(text(err))
                .contains("/no/such/farrier.yaml")
                .contains("is not there")
                .hasLineCount(1);
    }

    @Test
    void aNodeIsPausedAndResumedWhateverItsConfiguration() throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Path paused = root.resolve("etc/farrier/paused");

        assertThat(run("pause --for 4h --reason upgrade --root " + root)).isZero();
        assertThat(text(out))
                .contains("This node does not change any more: it is paused by /etc/farrier/paused until ");
        assertThat(paused).content().contains("until: ", "who: ", "reason: upgrade\n");

        assertThat(run("resume -o json --root " + root)).isZero();
        assertThat(text(out)).contains("\"was_paused\"");
        assertThat(paused).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"pause,--reason", "pause --reason x --for soon,30m"})
    void aPauseSaysWhyAndHowLong(String line, String expected) {
        assertThat(run(line + " --root " + folder)).isEqualTo(64);

        assertThat(text(err)).contains(expected).hasLineCount(1);
        assertThat(folder.resolve("etc/farrier/paused")).doesNotExist();
    }

    @Test
    void waitingSaysWhatIsMissingAndEndsInTime() {
        assertThat(run("wait --ready --timeout 1s --config /no/such/farrier.yaml"))
                .isEqualTo(3);
        assertThat(text(out))
                .startsWith("Waits: ")
                .contains("/no/such/farrier.yaml")
                .hasLineCount(1);

        assertThat(run("wait --timeout 1s")).isEqualTo(64);
        assertThat(run("wait --ready --timeout soon")).isEqualTo(64);
    }

    @Test
    void aConfigurationIsCheckedWithoutANode() throws IOException {
        Path file = write("mode: keepp\nregistries:\n  - {host: 'r:70000', caa: x}\n");

        assertThat(run("config check " + file)).isEqualTo(1);

        assertThat(text(err))
                .contains(file + ":1: ", "'keepp'", file + ":3: ", "70000", "Did you mean 'ca'?")
                .hasLineCount(3);
    }

    @Test
    void mistakesAreAlsoTellableToAProgram() throws IOException {
        Path file = write("modee: keep\n");

        assertThat(run("config check -o json " + file)).isEqualTo(1);

        JsonNode json = new ObjectMapper().readTree(text(out));
        assertThat(json.path("ok").asBoolean(true)).isFalse();
        assertThat(json.at("/problems/0/line").asInt()).isEqualTo(1);
        assertThat(json.at("/problems/0/message").asText()).contains("Did you mean 'mode'?");
    }

    @Test
    void everyEffectiveValueIsShownWithItsOriginAndNoSecret() throws IOException {
        Files.writeString(folder.resolve("password"), "hunter2\n");
        Path file = write("registries:\n  - host: reg:5000\n    auth: {username: robot, password_file: password}\n");

        assertThat(run("config check --show " + file)).isZero();

        assertThat(text(out))
                .contains("mode: observe", "# default", "registries[0].host: reg:5000", "# " + file + ":2")
                .doesNotContain("hunter2");
    }

    @Test
    void theSchemaIsJson() throws IOException {
        assertThat(run("config schema")).isZero();

        assertThat(new ObjectMapper().readTree(text(out)).path("$schema").asText())
                .contains("2020-12");
    }

    @Test
    void aTreeBelowAnotherRootIsPlannedAndMadeWithoutADaemon() throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(root.resolve("etc/farrier"));
        Files.createDirectories(root.resolve("etc/docker"));
        Files.writeString(
                root.resolve("etc/farrier/farrier.yaml"),
                "registries: [{host: 'plain:5001', insecure: true}]\ndocker: {daemon_json: {live-restore: true}}\n");

        assertThat(run("plan --root " + root)).isEqualTo(2);
        assertThat(text(out)).contains("+ insecure-registries: plain:5001", "+ live-restore: true", "2 to add");
        assertThat(root.resolve("etc/docker/daemon.json")).doesNotExist();
        assertThat(run("plan --explain --root " + root)).isEqualTo(2);
        assertThat(text(out))
                .contains("install -m 0644 \"$staged\"/1 '" + root, "test ! -e")
                .doesNotContain("systemctl");
        assertThat(run("plan --stage x --root " + root)).isEqualTo(64);

        assertThat(run("apply --root " + root)).isZero();
        assertThat(root.resolve("etc/docker/daemon.json")).content().contains("\"plain:5001\"");
        assertThat(run("plan --root " + root)).isZero();

        assertThat(run("restore --root " + root)).isZero();
        assertThat(run("history --root " + root)).isZero();
        assertThat(text(out))
                .containsSubsequence(
                        "apply by ",
                        "(farrier ",
                        "applied  docker/daemon.json",
                        "  + live-restore: true",
                        "  /etc/docker/daemon.json: absent -> sha256:",
                        "restore by ",
                        "- live-restore: true");
        assertThat(run("history -o json --last 1 --root " + root)).isZero();
        assertThat(new ObjectMapper()
                        .readTree(text(out))
                        .at("/history/0/by/verb")
                        .asText())
                .isEqualTo("restore");
        assertThat(root.resolve("etc/docker/daemon.json")).doesNotExist();

        Files.writeString(root.resolve("etc/farrier/farrier.yaml"), "registries: [{hots: x}");
        assertThat(run("history --last 1 --root " + root)).isZero();
        assertThat(text(out)).contains("restore by ");
        assertThat(text(err)).contains("The configuration cannot be read", "this is the history in /var/lib/farrier");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "apply", "restore", "recover"})
    void aStateThatAYoungerFarrierWroteInAWayOfItsOwnIsRefusedBeforeAnythingIsTouched(String verb) throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        NodeBench node = new NodeBench(root);
        node.write("etc/docker/daemon.json", "{}\n");
        node.write("etc/farrier/farrier.yaml", "registries: [{host: 'plain:5001', insecure: true}]\n");
        node.write("var/lib/farrier/format", "2 9.9.9\n");
        Map<String, String> before = node.stamps();

        assertThat(run(verb + " --root " + root)).isEqualTo(1);

        assertThat(text(err))
                .hasLineCount(1)
                .contains(
                        "Tried to use /var/lib/farrier, but farrier 9.9.9 wrote it in format 2 and this version knows 1")
                .contains("Nothing was touched. Install that version again");
        assertThat(node.stamps()).isEqualTo(before);
    }

    @Test
    void whatCannotBeUnderstoodIsRefusedByNameLineAndColumnAndNothingIsWritten() throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(root.resolve("etc/farrier"));
        Path daemonJson = Files.createDirectories(root.resolve("etc/docker")).resolve("daemon.json");
        Files.writeString(daemonJson, "{\n  \"debug\": true\n  \"log-level\": \"info\"\n}\n");
        Files.writeString(
                root.resolve("etc/farrier/farrier.yaml"), "registries: [{host: 'plain:5001', insecure: true}]\n");

        assertThat(run("apply --root " + root)).isEqualTo(4);

        assertThat(text(out)).contains("refused", "/etc/docker/daemon.json", "line 3");
        assertThat(daemonJson).content().contains("true\n  \"log-level\"");
    }

    @Test
    void anInterruptedChangeIsUndoneAlsoWithABrokenConfiguration() throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        NodeBench node = new NodeBench(root);
        node.write("etc/docker/daemon.json", "{}\n");
        node.write("etc/farrier/farrier.yaml", "modee: x\n");
        NodeBench dying = node.dyingAt((step, path) -> {
            if (step == CrashPoint.Step.RENAMED && path.endsWith("daemon.json")) {
                throw new IllegalStateException("killed");
            }
        });
        FarrierConfig wants = Configurations.of(List.of(Configurations.insecure("plain:5001")));
        assertThatThrownBy(() -> dying.keeper(
                                Map.of(), new DaemonJsonFile(wants, dying.files(), dying.ledger(), Optional.empty()))
                        .keep(Order.byHand("root")))
                .hasMessage("killed");
        assertThat(node.read("etc/docker/daemon.json")).contains("plain:5001");

        assertThat(run("recover --root " + root)).isEqualTo(5);

        assertThat(text(out)).contains("rolled back", "docker/daemon.json", "interrupted");
        assertThat(text(err)).contains("Did you mean 'mode'?", "/var/lib/farrier all the same");
        assertThat(node.read("etc/docker/daemon.json")).isEqualTo("{}\n");
        assertThat(run("recover --root " + root)).isZero();
        assertThat(text(out)).isEqualTo("No change was interrupted.\n");
    }

    @ParameterizedTest
    @CsvSource({"bash", "zsh"})
    void theCompletionScriptCompletesInARealShell(String shell) throws Exception {
        assertThat(run("completion " + shell)).isZero();
        Path script = Files.writeString(folder.resolve("completion"), text(out));

        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source " + script + "; COMP_WORDS=(farrier cert); COMP_CWORD=1; _complete_farrier;"
                                + " echo ${COMPREPLY[@]}")
                .redirectError(ProcessBuilder.Redirect.DISCARD) // compopt wants a terminal
                .start();

        assertThat(bash.inputReader().readLine()).isEqualTo("certs");
        assertThat(bash.waitFor()).isZero();
        assertThat(text(out)).contains("bashcompinit");
    }

    @Test
    void theCryptographyIsSaidPlainly() throws IOException {
        assertThat(run("version --crypto")).isZero();
        assertThat(text(out)).contains("providers", "TLSv1.3", "kernel's FIPS mode: ", "not the validated module");

        assertThat(run("version --crypto -o json")).isZero();
        assertThat(new ObjectMapper()
                        .readTree(text(out))
                        .at("/crypto/kernel_fips")
                        .asText())
                .isIn("on", "off", "unknown");
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("farrier.yaml"), yaml);
    }

    private int run(String line) {
        out.reset();
        err.reset();
        Screen screen = new Screen(new PrintStream(out, true), new PrintStream(err, true), false);
        return new Cli(screen).run(line.isEmpty() ? new String[0] : line.split(" "));
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
