package io.farrier.agent;

import io.farrier.testing.KubeLines;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Log files of a node for {@code bench.sh logs}: written once, then linked to where each shipper looks for them. */
record LogFiles(Form form, List<Path> names, List<Path> contents, long bytes) {
    private static final int LINES_AT_ONCE = 2_000;

    /** So many different blocks are repeated: the generator must not take longer than what is measured. */
    private static final int POOL = 40;

    enum Form {
        DOCKER,
        CRI
    }

    /** @param names where the files are to be, below {@code root}, as the runtime places them */
    static LogFiles write(Path pool, Path root, Form form, int count, long bytes) throws IOException {
        byte[][] blocks = blocks(form);
        List<Path> contents = new ArrayList<>();
        List<Path> names = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < count; i++) {
            Path file = pool.resolve(form + "-" + count + "-" + i);
            long size = 0;
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
                out.write((form == Form.DOCKER ? new KubeLines(i).next(1, "") : new KubeLines(i).nextCri(1)));
                for (int block = i; size < bytes / count; block++) {
                    out.write(blocks[block % POOL]);
                    size += blocks[block % POOL].length;
                }
            }
            total += Files.size(file);
            contents.add(file);
            names.add(name(root, form, i));
        }
        return new LogFiles(form, names, contents, total);
    }

    private static byte[][] blocks(Form form) {
        KubeLines lines = new KubeLines(7);
        byte[][] blocks = new byte[POOL][];
        for (int i = 0; i < POOL; i++) {
            blocks[i] = form == Form.DOCKER ? lines.next(LINES_AT_ONCE, "") : lines.nextCri(LINES_AT_ONCE);
        }
        return blocks;
    }

    private static Path name(Path root, Form form, int number) {
        return form == Form.DOCKER
                ? root.resolve("containers/c" + number + "/c" + number + "-json.log")
                : root.resolve("pods/kube-system_p" + number + "_uid/c/0.log");
    }

    String glob() {
        return form == Form.DOCKER
                ? names.get(0).getParent().resolveSibling("*/*-json.log").toString()
                : names.get(0)
                        .getParent()
                        .getParent()
                        .resolveSibling("*/*/0.log")
                        .toString();
    }

    void makeFolders() throws IOException {
        for (Path name : names) {
            Files.createDirectories(name.getParent());
        }
    }

    /** All files are there at once, with all that is in them. */
    void appear() throws IOException {
        for (int i = 0; i < names.size(); i++) {
            Files.createLink(names.get(i), contents.get(i));
        }
    }
}
