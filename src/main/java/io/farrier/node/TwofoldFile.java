package io.farrier.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/**
 * A small text that nobody can make again (a node's key, a token that nodes hold, a CA), kept a second time beside itself as
 * {@code NAME.copy}, with a checksum. Damage to either is mended from the other at the next reading. What an operator puts
 * there, or takes away, counts: it does not look like the damaged remains of what was there.
 */
public final class TwofoldFile {
    /** A key or a chain of certificates; anything larger is not what it should be. */
    private static final long MAX_BYTES = 64 << 10;

    private static final int CHECKSUM_CHARS = 8;

    /** What flipped bits make; more damage than this leaves characters that no key has. */
    private static final int MAX_STRAY_CHARS = 8;

    /** How a file is written in that place: as a whole or not at all, with the mode that it must have. */
    public interface Writer {
        void write(Path file, String text) throws IOException;
    }

    private TwofoldFile() {}

    /**
     * @param isGood what a text that was put there must be
     * @return the text, mended if need be; what stands in the file when neither is any good
     * @throws NoSuchFileException when the file is not there; what was kept of it is then forgotten
     */
    public static String read(Path file, Predicate<String> isGood, Writer writer) throws IOException {
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
        if (kept.isPresent() && (!isGood.test(text) || isRemainsOf(kept.get(), text))) {
            writer.write(file, kept.get());
            return kept.get();
        }
        if (isGood.test(text)) {
            writer.write(copy, packed(text));
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
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    private static String packed(String text) {
        return checksum(text) + "\n" + text;
    }

    private static Optional<String> unpacked(String packed) {
        if (packed.length() <= CHECKSUM_CHARS) {
            return Optional.empty();
        }
        String text = packed.substring(CHECKSUM_CHARS + 1);
        return Optional.of(text).filter(kept -> packed(kept).equals(packed));
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
