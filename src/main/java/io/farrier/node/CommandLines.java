package io.farrier.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** With which arguments programs run on the node, in containers too, as {@code /proc} tells it. */
public final class CommandLines {
    private static final int MAX_BYTES = 1 << 20;

    private final Path proc;

    public CommandLines(Path proc) {
        this.proc = proc;
    }

    /** @param comm the program's own name, at most 15 characters of it (proc(5)) */
    public List<List<String>> of(String comm) throws IOException {
        try (Stream<Path> all = Files.list(proc)) {
            return all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .filter(path -> text(path.resolve("comm")).strip().equals(comm))
                    .sorted(Comparator.comparingInt(CommandLines::pid))
                    .map(path -> List.of(text(path.resolve("cmdline")).split("\0")))
                    .toList();
        }
    }

    private static int pid(Path process) {
        return Integer.parseInt(process.getFileName().toString());
    }

    /** A process may end while it is looked at; it then says nothing. */
    private static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }
}
