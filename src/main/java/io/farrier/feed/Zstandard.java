package io.farrier.feed;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The zstd format (RFC 8878), where its native library loads, for bodies whose plain length is known beforehand. */
public final class Zstandard {
    /** The levels above cost more CPU than the bytes they save are worth. */
    private static final int LEVEL = 1;

    private static final String FOLDER = "ZstdTempFolder";

    /** What the thread that tails, or an event loop, uses again for each batch. */
    private static final ThreadLocal<ZstdCompressCtx> COMPRESS =
            ThreadLocal.withInitial(() -> new ZstdCompressCtx().setLevel(LEVEL));

    private static final ThreadLocal<ZstdDecompressCtx> DECOMPRESS = ThreadLocal.withInitial(ZstdDecompressCtx::new);

    private Zstandard() {}

    /**
     * Loads the library, which may have to be unpacked: not below /tmp, which may be mounted noexec, and without leaving one
     * behind for each time the process was killed.
     *
     * @param folder only used when no other was named before in this process
     * @return false where nothing can be executed from there, or there is none for this machine
     */
    public static boolean load(Path folder) {
        try {
            if (!Native.isLoaded() && System.getProperty(FOLDER) == null) {
                empty(folder);
                System.setProperty(FOLDER, folder.toString());
            }
            Native.load();
            return true;
        } catch (IOException | UnsatisfiedLinkError | ExceptionInInitializerError notHere) {
            return false;
        }
    }

    static boolean isLoaded() {
        return Native.isLoaded();
    }

    private static void empty(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> leftOver = Files.list(folder)) {
            for (Path file : leftOver.toList()) {
                Files.delete(file);
            }
        }
    }

    static ByteBuffer compress(ByteBuffer plain) {
        byte[] bytes = new byte[plain.remaining()];
        plain.duplicate().get(bytes);
        byte[] packed = new byte[(int) Zstd.compressBound(bytes.length)];
        int length = COMPRESS.get().compressByteArray(packed, 0, packed.length, bytes, 0, bytes.length);
        return ByteBuffer.wrap(packed, 0, length);
    }

    /** Exactly {@code length} bytes; whatever would become more or fewer is refused. */
    static ByteBuffer decompress(ByteBuffer packed, int length) throws InvalidFrameException {
        if (!isLoaded()) {
            throw new InvalidFrameException("the body is zstd, which this side never agreed to");
        }
        byte[] bytes = new byte[packed.remaining()];
        packed.duplicate().get(bytes);
        byte[] plain = new byte[length];
        try {
            if (DECOMPRESS.get().decompressByteArray(plain, 0, length, bytes, 0, bytes.length) == length) {
                return ByteBuffer.wrap(plain);
            }
        } catch (ZstdException notZstd) {
            // Refused below, as one that is too short.
        }
        throw new InvalidFrameException("the body is not the " + length + " bytes in zstd format that from and to say");
    }
}
