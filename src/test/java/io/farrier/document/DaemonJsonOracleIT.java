package io.farrier.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.farrier.node.Commands;
import io.farrier.node.ProcessCommands;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words we put into dockerd's mouth, against a real dockerd that is started on the same file and stops at it. */
final class DaemonJsonOracleIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int FIRST_WITH_VALIDATE = 23;
    private static final Pattern OUR_CLAIM = Pattern.compile("\\(dockerd says: (.*)\\)$", Pattern.DOTALL);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"debug\": true",
                "{\"debug\": true,}",
                "{debug: true}",
                "{'debug': true}",
                "{\"debug\" true}",
                "{\"debug\": true \"dns\": []}",
                "{\"debug\": tru}",
                "{\"debug\": True}",
                "{\"dns\": [\"a\" \"b\"]}",
                "{\"dns\": [\"a\",]}",
                "{\"mtu\": 01}",
                "{\"mtu\": 1.}",
                "{\"mtu\": 1e}",
                "{\"mtu\": -}",
                "{\"mtu\": .5}",
                "{\"group\": \"\\x\"}",
                "{\"group\": \"\\u12g4\"}",
                "{\"group\": \"a\nb\"}",
                "{\"group\": \"a\u0001b\"}",
                "{\"debug\": \u00fcber}",
                "{\"debug\": \u201ctrue\u201d}",
                "{\"debug\": \u00a0true}",
                "{ // why\n\"debug\": true}",
                "{\"debug\": /* why */ true}",
                "# why\n{}",
                "[\"debug\"]",
            })
    void refusesWithTheWordsOfDockerd(String text) throws Exception {
        InvalidDocumentException ours = catchThrowableOfType(
                InvalidDocumentException.class, () -> JsonDocument.parse(text.getBytes(StandardCharsets.UTF_8)));
        assertThat(ours).as("our verdict on %s", text).isNotNull();
        Matcher claim = OUR_CLAIM.matcher(String.valueOf(ours.getMessage()));
        assertThat(claim.find()).as("%s", ours.getMessage()).isTrue();

        Commands.Result theirs = new ProcessCommands().run(DEADLINE, dockerd(text));
        assertThat(theirs.exit()).as("%s", theirs).isNotZero();
        assertThat(words(theirs)).contains(claim.group(1));
    }

    /** Before 23.0 dockerd dies of an empty file; from then on it is a configuration that says nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"", " \n"})
    void anEmptyFileIsTakenOrRefusedByTheVersion(String text) throws Exception {
        if (major() < FIRST_WITH_VALIDATE) {
            refusesWithTheWordsOfDockerd(text);
            return;
        }
        Path file = Files.writeString(folder.resolve("daemon.json"), text);
        Commands.Result theirs =
                new ProcessCommands().run(DEADLINE, List.of("dockerd", "--validate", "--config-file=" + file));
        assertThat(theirs.succeeded()).as("%s", theirs).isTrue();
    }

    private static int major() throws Exception {
        String version = new ProcessCommands()
                .run(DEADLINE, List.of("dockerd", "--version"))
                .out();
        return Integer.parseInt(version.replaceFirst("(?s).*?version (\\d+)\\..*", "$1"));
    }

    /** From 23.0 on dockerd reads the file as a whole and calls its end by another name. */
    private static String words(Commands.Result theirs) {
        return theirs.words().replace("unexpected end of JSON input", "unexpected EOF");
    }

    /** It never gets past the file; should it, nothing of it would be outside the folder. */
    private List<String> dockerd(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("daemon.json"), text);
        return List.of(
                "dockerd",
                "--config-file=" + file,
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("pid"),
                "--host=unix://" + folder.resolve("sock"),
                "--containerd=" + folder.resolve("no-containerd.sock"),
                "--bridge=none",
                "--iptables=false");
    }
}
