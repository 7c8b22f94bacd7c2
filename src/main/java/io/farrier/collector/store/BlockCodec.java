package io.farrier.collector.store;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How blocks of lines are compressed. Not for use by several threads. */
interface BlockCodec extends AutoCloseable {
    /** Written into each block: what wrote it must be able to read it. */
    byte mark();

    byte[] compress(byte[] plain, int length);

    /** @param plainLength how long the result must be */
    byte[] decompress(byte[] packed, int plainLength) throws IOException;

    @Override
    void close();

    /** zstd where its native library loads, else deflate: blocks of either can stand beside each other. */
    static BlockCodec best() {
        return Zstandard.IS_HERE ? new Zstandard() : new Deflated();
    }

    /** @throws CodecMissingException for a mark that is not known, or whose library does not load here */
    static BlockCodec of(byte mark) throws IOException {
        if (mark == Zstandard.MARK && Zstandard.IS_HERE) {
            return new Zstandard();
        }
        if (mark == Deflated.MARK) {
            return new Deflated();
        }
        throw new CodecMissingException(
                mark == Zstandard.MARK
                        ? "the log lines are zstd, and zstd's native library does not load here: allow the collector to"
                                + " execute what it unpacks below its state_dir, or name another folder with -DZstdTempFolder=DIR"
                        : "the compression " + mark + " of the log lines is not known to this version");
    }

    /**
     * Says where zstd unpacks its native library: not below /tmp, which may be mounted noexec, and without leaving one
     * behind for each time the process was killed. Only the first call in a process counts.
     */
    static void unpackNativeLibraryInto(Path folder) throws IOException {
        if (System.getProperty(Zstandard.FOLDER) != null) {
            return;
        }
        Files.createDirectories(folder);
        try (Stream<Path> leftOver = Files.list(folder)) {
            for (Path file : leftOver.toList()) {
                Files.delete(file);
            }
        }
        System.setProperty(Zstandard.FOLDER, folder.toString());
    }

    /** Level 1: the levels above cost more than they save (PERFORMANCE, section 6). */
    final class Zstandard implements BlockCodec {
        static final byte MARK = 'z';
        static final String FOLDER = "ZstdTempFolder";

        private static final int LEVEL = 1;
        private static final boolean IS_HERE = load();

        private final ZstdCompressCtx compress = new ZstdCompressCtx().setLevel(LEVEL);
        private final ZstdDecompressCtx decompress = new ZstdDecompressCtx();
        private byte[] scratch = new byte[0];

        @Override
        public byte mark() {
            return MARK;
        }

        @Override
        public byte[] compress(byte[] plain, int length) {
            int bound = (int) Zstd.compressBound(length);
            if (scratch.length < bound) {
                scratch = new byte[bound];
            }
            int packed = compress.compressByteArray(scratch, 0, scratch.length, plain, 0, length);
            return Arrays.copyOf(scratch, packed);
        }

        @Override
        public byte[] decompress(byte[] packed, int plainLength) throws IOException {
            byte[] plain = new byte[plainLength];
            try {
                int length = decompress.decompressByteArray(plain, 0, plainLength, packed, 0, packed.length);
                return checked(plain, length);
            } catch (ZstdException e) {
                throw new IOException("the block does not decompress: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            compress.close();
            decompress.close();
        }

        private static boolean load() {
            try {
                Native.load();
                return true;
            } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
                Logger log = LoggerFactory.getLogger(BlockCodec.class);
                log.warn("zstd's native library does not load, lines are deflated instead: {}", e.getMessage());
                return false;
            }
        }
    }

    /** The JDK's own, at its fastest. */
    final class Deflated implements BlockCodec {
        static final byte MARK = 'd';

        private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        private final Inflater inflater = new Inflater(true);

        @Override
        public byte mark() {
            return MARK;
        }

        @Override
        public byte[] compress(byte[] plain, int length) {
            deflater.reset();
            deflater.setInput(plain, 0, length);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream(length / 3 + 64);
            byte[] part = new byte[64 << 10];
            while (!deflater.finished()) {
                out.write(part, 0, deflater.deflate(part));
            }
            return out.toByteArray();
        }

        @Override
        public byte[] decompress(byte[] packed, int plainLength) throws IOException {
            inflater.reset();
            inflater.setInput(packed);
            byte[] plain = new byte[plainLength];
            try {
                int filled = 0;
                for (int got = -1; got != 0 && filled < plainLength; filled += got) {
                    got = inflater.inflate(plain, filled, plainLength - filled);
                }
                return checked(plain, filled);
            } catch (DataFormatException e) {
                throw new IOException("the block does not inflate: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            deflater.end();
            inflater.end();
        }
    }

    private static byte[] checked(byte[] plain, int length) throws IOException {
        if (length != plain.length) {
            throw new IOException("the block holds " + length + " bytes instead of " + plain.length);
        }
        return plain;
    }
}
