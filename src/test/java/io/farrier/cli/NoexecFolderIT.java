package io.farrier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY 11 without the package: a temporary folder that is mounted noexec, in a mount namespace of its own. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class NoexecFolderIT {
    /** Its configuration below /run, because /tmp is everybody's. */
    private static final String MOUNT_AND_RUN = """
            mount -t tmpfs -o mode=755 none /run
            mount -t tmpfs -o "$0" none "$1"
            printf 'mode: observe\\nstate_dir: /run/state\\n' >/run/farrier.yaml
            printf 'listen: 127.0.0.1:18970\\nstate_dir: %s/collector\\n' "$1" >/run/collector.yaml
            shift
            exec "$@"
            """;

    @TempDir
    Path temporary;

    @Test
    void theAgentSaysInOneLineWhichOptionIsMissingAndGoesOn() throws IOException {
        assertThat(said("noexec", "agent", "--config", "/run/farrier.yaml"))
                .anyMatch(line -> line.contains("starts on"))
                .filteredOn(line -> line.contains("noexec"))
                .singleElement()
                .asString()
                .contains(temporary + " is mounted noexec: start java with -Djava.io.tmpdir=DIR, a folder of root's");
    }

    @Test
    void theAgentSaysNothingWhereTheFolderMayBeExecutedFrom() throws IOException {
        assertThat(said("exec", "agent", "--config", "/run/farrier.yaml"))
                .anyMatch(line -> line.contains("starts on"))
                .noneMatch(line -> line.contains("native code"));
    }

    @Test
    void theCollectorWhoseStateIsThereDoesNotStartAndSaysWhichOptionIsMissing() throws IOException {
        assertThat(said("noexec", "collector", "--config", "/run/collector.yaml"))
                .last()
                .asString()
                .contains("Tried to open the store", "SQLite says")
                .contains(
                        temporary + " is mounted noexec: start java with -Dorg.sqlite.tmpdir=DIR, a folder of root's");
    }

    /** Until it has started, or ended. */
    private List<String> said(String mountOption, String... verb) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-euc", MOUNT_AND_RUN));
        command.addAll(List.of(mountOption, temporary.toString()));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(verb));
        Process farrier = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = farrier.inputReader()) {
            String line = lines.readLine();
            while (line != null) {
                said.add(line);
                line = line.contains("starts on") ? null : lines.readLine();
            }
        } finally {
            farrier.destroy();
        }
        return said;
    }
}
