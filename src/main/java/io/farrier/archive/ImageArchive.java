package io.farrier.archive;

import com.github.luben.zstd.ZstdIOException;
import io.farrier.image.Blob;
import io.farrier.image.Platform;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * An archive of images, verified to the last byte before {@link #open} returns: {@code docker save} of any age, {@code ctr
 * images export}, skopeo, farrier's own, what k3s and RKE2 publish; plain, gzip or zstd.
 */
public final class ImageArchive implements AutoCloseable {
    /** Layers of an uncompressed archive shrink to a third; ten thousand to one is a bomb. */
    private static final long MAX_INFLATE_RATIO = 100;

    /** How they begin (RFC 8878, RFC 1952). */
    private static final int ZSTD = 0x28b52ffd;

    private static final int GZIP = 0x1f8b;

    private static final long INFLATE_ALLOWANCE = 64L << 20; // a small archive of zeros is no bomb yet

    private final Path file;
    private final FileChannel channel;
    private final List<ArchivedImage> images;
    private final Map<String, TarIndex.Entry> blobs;

    private ImageArchive(Path file, FileChannel channel, ArchiveContent content) {
        this.file = file;
        this.channel = channel;
        this.images = content.images();
        this.blobs = content.blobs();
    }

    /**
     * @param platform what its images must be made for
     * @param scratch a folder where a compressed archive is unpacked; nothing is left there
     * @throws RefusedArchiveException when it is damaged or deceives
     */
    public static ImageArchive open(Path file, Platform platform, Path scratch) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("Tried to read " + file + " but it is not a file.");
        }
        try {
            FileChannel channel = plain(file, scratch);
            try {
                return new ImageArchive(file, channel, ArchiveContent.read(TarIndex.read(channel), platform));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (Malformed wrong) {
            throw new RefusedArchiveException(file, wrong.because());
        }
    }

    private static FileChannel plain(Path file, Path scratch) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        ByteBuffer magic = ByteBuffer.allocate(4);
        channel.read(magic, 0);
        int first = magic.getInt(0);
        boolean isZstd = first == ZSTD;
        if (!isZstd && first >>> 16 != GZIP) {
            return channel;
        }
        try (channel) {
            InputStream packed = new FileRegion(channel, 0, channel.size());
            try (InputStream in = isZstd ? Unzstd.of(packed, scratch) : new GZIPInputStream(packed, 1 << 16)) {
                return inflated(in, channel.size(), scratch);
            }
        } catch (ZipException | EOFException | ZstdIOException broken) {
            throw new Malformed("its compression is broken: " + broken.getMessage());
        }
    }

    /** The copy has no name any more when this returns: it goes with the channel, however the process ends. */
    private static FileChannel inflated(InputStream in, long packedBytes, Path scratch) throws IOException {
        long limit = INFLATE_ALLOWANCE + packedBytes * MAX_INFLATE_RATIO;
        Path copy = Files.createTempFile(scratch, "unpacked", ".tar");
        try (OutputStream out = Files.newOutputStream(copy)) {
            byte[] buffer = new byte[1 << 16];
            long total = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                total += read;
                if (total > limit) {
                    throw new Malformed("it grows beyond " + MAX_INFLATE_RATIO + " times its size when unpacked");
                }
                out.write(buffer, 0, read);
            }
            return FileChannel.open(copy, StandardOpenOption.READ);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** In the archive's order; images without a name are left out. */
    public List<ArchivedImage> images() {
        return images;
    }

    /** Checked again as it is read, because the file may have been written to since. */
    public InputStream open(Blob blob) throws IOException {
        TarIndex.Entry entry = blobs.get(blob.digest());
        if (entry == null) {
            throw new IOException(file + " has no blob " + blob.digest());
        }
        return new CheckedBytes(new FileRegion(channel, entry.offset(), entry.size()), blob);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
