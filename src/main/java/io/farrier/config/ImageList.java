package io.farrier.config;

import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The references of a list file, as Rancher, k3s and RKE2 publish them: one a line, with {@code docker.io/} or without.
 * Blank lines and what follows a {@code #} do not count; each image counts once, by its full name.
 */
public record ImageList(List<Reference> references, List<Problem> problems) {
    /** rancher-images.txt has 700 lines in 40 kilobytes. */
    public static final int MAX_BYTES = 4 << 20;
    /** Enough to see what is wrong with a file that is no list at all. */
    private static final int MAX_PROBLEMS = 20;

    public ImageList {
        references = List.copyOf(references);
        problems = List.copyOf(problems);
    }

    /** @param file named in problems */
    public static ImageList parse(Path file, byte[] bytes) {
        Set<Reference> references = new LinkedHashSet<>();
        List<Problem> problems = new ArrayList<>();
        String[] lines = text(bytes).split("\n", -1);
        for (int at = 0; at < lines.length && problems.size() <= MAX_PROBLEMS; at++) {
            String line = withoutComment(lines[at]).strip();
            if (line.isEmpty()) {
                continue;
            }
            if (problems.size() == MAX_PROBLEMS) {
                problems.add(new Problem(file, at + 1, "and more; is this a list of images?"));
                break;
            }
            try {
                references.add(Reference.parse(line));
            } catch (InvalidReferenceException wrong) {
                problems.add(new Problem(file, at + 1, String.valueOf(wrong.getMessage())));
            }
        }
        return new ImageList(List.copyOf(references), problems);
    }

    private static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    private static String withoutComment(String line) {
        int hash = line.indexOf('#');
        return hash < 0 ? line : line.substring(0, hash);
    }
}
