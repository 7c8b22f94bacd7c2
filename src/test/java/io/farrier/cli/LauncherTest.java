package io.farrier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package's {@code /usr/bin/farrier}, with a java that only says how it was started. */
final class LauncherTest {
    private static final Path LAUNCHER = Path.of("packaging/deb/farrier");

    @TempDir
    Path home;

    @Test
    void noVerbLeavesACoreBehindOrTakesSomebodysJvmOptions() throws Exception {
        String withCores = "ulimit -S -c \"$(ulimit -H -c)\" && exec sh \"$0\" \"$@\"";
        ProcessBuilder farrier =
                new ProcessBuilder("sh", "-c", withCores, launcher().toString(), "doctor", "-o", "json");
        farrier.environment().put("JAVA_TOOL_OPTIONS", "-agentlib:theirs");
        farrier.environment().put("LD_PRELOAD", "");

        assertThat(said(farrier))
                .contains("core 0\n", "options none\n", "preload none\n", "@" + home + "/verb.options")
                .endsWith("farrier.jar doctor -o json\n");
    }

    @Test
    void theDaemonsHaveFlagsOfTheirOwn() throws Exception {
        assertThat(said(new ProcessBuilder("sh", launcher().toString(), "agent")))
                .contains("@" + home + "/jvm.options @" + home + "/agent.options");
        assertThat(said(new ProcessBuilder("sh", launcher().toString(), "collector")))
                .contains("@" + home + "/collector.options");
    }

    private Path launcher() throws IOException {
        Path java = Files.createDirectories(home.resolve("runtime/bin")).resolve("java");
        Files.writeString(java, """
                #!/bin/sh
                echo "core $(ulimit -c)"
                echo "options ${JAVA_TOOL_OPTIONS:-none}"
                echo "preload ${LD_PRELOAD-none}"
                echo "$@"
                """);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        String script = Files.readString(LAUNCHER).replace("home=/usr/lib/farrier", "home=" + home);
        return Files.writeString(home.resolve("farrier"), script);
    }

    private static String said(ProcessBuilder command) throws Exception {
        Process process = command.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
