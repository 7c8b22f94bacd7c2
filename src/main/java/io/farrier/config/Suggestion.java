package io.farrier.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The name that was probably meant. */
final class Suggestion {
    /** Longer keys are no typing mistake, and the distance of two long texts costs. */
    private static final int MAX_LENGTH = 64;

    private Suggestion() {}

    /** {@code " Did you mean 'ca'?"}, or nothing. */
    static String sentence(String written, Collection<String> known) {
        return closest(written, known)
                .map(name -> " Did you mean '" + name + "'?")
                .orElse("");
    }

    static Optional<String> closest(String written, Collection<String> known) {
        if (written.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String lower = written.toLowerCase(Locale.ROOT).replace('-', '_');
        return known.stream()
                .filter(name -> isNear(lower, name))
                .min(Comparator.comparingInt(name -> distance(lower, name)));
    }

    /** One mistake in a short name, two or a third in others; or its beginning: {@code password} for {@code password_file}. */
    private static boolean isNear(String written, String name) {
        int length = Math.min(written.length(), name.length());
        boolean isBeginning = written.length() > 2 && name.startsWith(written);
        return isBeginning || distance(written, name) <= (length < 4 ? 1 : Math.max(2, length / 3));
    }

    /** Levenshtein. */
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int substituted = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}
