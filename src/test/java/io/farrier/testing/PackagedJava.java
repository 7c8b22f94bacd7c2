package io.farrier.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the package starts Java. */
public final class PackagedJava {
    private PackagedJava() {}

    /**
     * Without the paths of the package.
     *
     * @param daemon {@code agent} or {@code collector}
     */
    public static List<String> options(String daemon) throws IOException {
        List<String> options = new ArrayList<>();
        for (String file : List.of("jvm.options", daemon + ".options")) {
            Files.readAllLines(Path.of("packaging/deb", file)).stream()
                    .filter(line -> line.startsWith("-"))
                    .filter(line -> !line.matches(".*(/usr/lib/farrier|ErrorFile|jna\\.nounpack|sqlite).*"))
                    .forEach(options::add);
        }
        return options;
    }
}
