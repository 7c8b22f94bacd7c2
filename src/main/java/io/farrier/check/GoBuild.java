package io.farrier.check;

import io.farrier.pki.GoVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * With which Go a program was built: what {@code go version -m} prints. Source: debug/buildinfo; strings are inline since
 * Go 1.18, and older programs are not known.
 */
final class GoBuild {
    private static final byte[] MAGIC = "\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1);
    private static final int ALIGNMENT = 16;
    private static final int FLAGS_AT = 15;
    private static final int INLINE = 2;
    private static final int STRINGS_AT = 32;
    private static final int CHUNK = 1 << 20;
    private static final int STRINGS = 256 * 1024; // the list of a program's modules
    private static final long MAX_BYTES = 512L << 20; // the largest daemon here has 94 MB
    private static final Pattern DEBUG = Pattern.compile("build\\tDefaultGODEBUG=([^\\n]*)");

    private GoBuild() {}

    /** Empty for what is no Go program, or an old one. */
    static Optional<GoVersion> of(Path program) throws IOException {
        try (FileChannel file = FileChannel.open(program, StandardOpenOption.READ)) {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            for (long at = 0; at < Math.min(file.size(), MAX_BYTES); at += CHUNK) {
                read(file, chunk, at);
                for (int i = 0; i + MAGIC.length <= chunk.limit(); i += ALIGNMENT) {
                    if (isMagic(chunk, i)) {
                        return strings(file, at + i);
                    }
                }
            }
            return Optional.empty();
        }
    }

    private static void read(FileChannel file, ByteBuffer into, long at) throws IOException {
        into.clear();
        while (into.hasRemaining() && file.read(into, at + into.position()) >= 0) {
            continue;
        }
        into.flip();
    }

    private static boolean isMagic(ByteBuffer chunk, int at) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (chunk.get(at + i) != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    private static Optional<GoVersion> strings(FileChannel file, long at) throws IOException {
        ByteBuffer info = ByteBuffer.allocate(STRINGS);
        read(file, info, at);
        if (info.limit() <= STRINGS_AT || (info.get(FLAGS_AT) & INLINE) == 0) {
            return Optional.empty();
        }
        info.position(STRINGS_AT);
        String version = string(info);
        Matcher debug = DEBUG.matcher(string(info));
        return GoVersion.parse(version, debug.find() ? debug.group(1) : "");
    }

    /** A length in seven bits a byte, and as many bytes; what is cut is empty. */
    private static String string(ByteBuffer from) {
        int length = 0;
        for (int shift = 0; from.hasRemaining() && shift < 28; shift += 7) {
            int part = from.get();
            length |= (part & 0x7f) << shift;
            if (part >= 0) {
                break;
            }
        }
        byte[] bytes = new byte[Math.min(length, from.remaining())];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
