package io.farrier.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A small text that nobody can make again (a node's key, a token that nodes hold, a CA), kept a second time beside itself as
 * {@code NAME.copy}, with a checksum. Damage to either is mended from the other at the next reading. What an operator puts
 * there, or takes away, counts: it does not look like the damaged remains of what was there.
 */
public final class TwofoldFile {
    /** A key or a chain of certificates; anything larger is not what it should be. */
    private static final long MAX_BYTES = 64 << 10;

    /** What flipped bits make; more damage than this leaves characters that no key has. */
    private static final int MAX_STRAY_CHARS = 8;

    /** A block that a file system allocated and had not written when the power went; no text has it. */
    private static final char NEVER_WRITTEN = '\0';

    private TwofoldFile() {}

    /**
     * @param isGood what a text that was put there must be
     * @return the text, mended if need be; what stands in the file when neither is any good
     * @throws NoSuchFileException when the file is not there; what was kept of it is then forgotten
     */
    public static String read(Path file, Predicate<String> isGood) throws IOException {
        Path copy = file.resolveSibling(file.getFileName() + ".copy");
        if (!Files.exists(file)) {
            Files.deleteIfExists(copy);
            throw new NoSuchFileException(file.toString());
        }
        String text = text(file);
        Optional<String> kept = Files.exists(copy) ? unpacked(text(copy)) : Optional.empty();
        if (kept.isPresent() && kept.get().equals(text)) {
            return text;
        }
        boolean isUsable = text.indexOf(NEVER_WRITTEN) < 0 && isGood.test(text);
        if (kept.isPresent() && (!isUsable || isRemainsOf(kept.get(), text))) {
            WholeFile.replace(file, kept.get().getBytes(ISO_8859_1));
            return kept.get();
        }
        if (isUsable) {
            WholeFile.replace(copy, packed(text).getBytes(ISO_8859_1));
        }
        return text;
    }

    /** Cut short, or other in a few places: another key or certificate differs nearly everywhere. */
    private static boolean isRemainsOf(String kept, String text) {
        if (text.length() > kept.length()) {
            return false;
        }
        int others = 0;
        for (int i = 0; i < text.length(); i++) {
            others += text.charAt(i) == kept.charAt(i) ? 0 : 1;
        }
        return others <= MAX_STRAY_CHARS;
    }

    /** Each byte a character: damage is no mistake of encoding. */
    private static String text(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("Tried to read " + file + " but it is larger than " + MAX_BYTES + " bytes.");
        }
        return Files.readString(file, ISO_8859_1);
    }

    private static String packed(String text) {
        return CheckedLine.checksum(text.getBytes(ISO_8859_1)) + "\n" + text;
    }

    private static Optional<String> unpacked(String packed) {
        if (packed.length() <= CheckedLine.CHECKSUM_CHARS) {
            return Optional.empty();
        }
        String text = packed.substring(CheckedLine.CHECKSUM_CHARS + 1);
        return Optional.of(text).filter(kept -> packed(kept).equals(packed));
    }
}
