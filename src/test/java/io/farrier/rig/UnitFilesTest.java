package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a careless edit of the units or the JVM's flags would break on a node, long before a machine is booted with them. */
final class UnitFilesTest {
    private static final Path UNITS = Path.of("packaging", "systemd");

    @ParameterizedTest
    @ValueSource(strings = {"farrier.service", "farrier-collector.service"})
    void noUnitIsStoppedTogetherWithAContainerRuntime(String unit) throws IOException {
        assertThat(settings(unit, "Requires", "BindsTo", "PartOf", "Requisite")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"farrier.service", "farrier-collector.service"})
    void optionsOfOthersNeverReachTheJvm(String unit) throws IOException {
        assertThat(settings(unit, "UnsetEnvironment").get(0).split(" "))
                .contains("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "LD_PRELOAD");
        assertThat(Files.readString(Path.of("packaging/deb/farrier")))
                .contains("unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS");
    }

    // link(2) fails with EXDEV across two bind mounts of one file system, and each entry is one.
    @Test
    void logsAndWhatHoldsThemAreOnOneMount() throws IOException {
        assertThat(settings("farrier.service", "ReadWritePaths")).containsExactly("/var /etc");
        assertThat(settings("farrier.service", "ReadOnlyPaths", "InaccessiblePaths", "TemporaryFileSystem"))
                .noneMatch(paths -> paths.contains("/var/log") || paths.contains("/var/lib/docker"));
    }

    @ParameterizedTest
    @MethodSource("optionFiles")
    void everyFlagHasAReason(Path file) throws IOException {
        boolean hasReason = false;
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank()) {
                hasReason = false;
            } else if (line.startsWith("#")) {
                hasReason = true;
            } else {
                assertThat(hasReason).as("%s: %s", file, line).isTrue();
            }
        }
    }

    private static Stream<Path> optionFiles() {
        return Stream.of("jvm", "agent", "verb", "collector").map(kind -> Path.of("packaging/deb", kind + ".options"));
    }

    private static List<String> settings(String unit, String... keys) throws IOException {
        return Files.readAllLines(UNITS.resolve(unit)).stream()
                .filter(line -> Stream.of(keys).anyMatch(key -> line.startsWith(key + "=")))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .toList();
    }
}
