package io.farrier.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bytes a file holds: a configuration or problems, in bounded time and memory, and never another exception. */
class ConfigFuzzTest {
    @TempDir
    private static Path root;

    @FuzzTest
    void aConfigurationFile(byte[] bytes) {
        try {
            new ConfigFolder(root).write("farrier.yaml", bytes).load();
        } catch (InvalidConfigException invalid) {
            for (Problem problem : invalid.problems()) {
                check(problem);
            }
        }
    }

    @FuzzTest
    void aYamlFile(byte[] bytes) {
        List<Problem> problems = new ArrayList<>();
        YamlFile.parse(Path.of("f.yaml"), bytes, problems);
        problems.forEach(ConfigFuzzTest::check);
    }

    @FuzzTest
    void anImageList(byte[] bytes) {
        ImageList.parse(Path.of("list.txt"), bytes).problems().forEach(ConfigFuzzTest::check);
    }

    private static void check(Problem problem) {
        if (problem.toString().indexOf('\n') >= 0) {
            throw new AssertionError("more than one line: " + problem);
        }
    }
}
