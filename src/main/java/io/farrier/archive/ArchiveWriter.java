package io.farrier.archive;

import io.farrier.archive.ArchiveLayout.Blobs;
import io.farrier.archive.ArchiveLayout.Piece;
import io.farrier.image.Blob;
import io.farrier.image.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;

/**
 * Writes an archive beside its place and gives it its name when it is whole. What an interrupted run left there is read
 * again and, as far as it is what belongs there, kept: also the first half of a layer.
 */
public final class ArchiveWriter {
    private static final int PIECE_BYTES = 1 << 18;

    private final Path target;
    private final Path partial;
    private final ArchiveLayout layout;
    private final Blobs blobs;
    private final Meter meter;

    /** Hears how many bytes of the archive are there; called often. */
    @FunctionalInterface
    public interface Meter {
        void reached(long bytes) throws IOException;
    }

    public ArchiveWriter(Path target, ArchiveLayout layout, Blobs blobs, Meter meter) {
        this.target = target.toAbsolutePath();
        this.partial = target.resolveSibling(target.getFileName() + ".partial").toAbsolutePath();
        this.layout = layout;
        this.blobs = blobs;
        this.meter = meter;
    }

    /** @throws IOException with what is written so far left for the next try */
    public void write() throws IOException {
        try (FileChannel file = FileChannel.open(
                partial, Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE))) {
            for (Piece piece : layout.pieces()) {
                write(file, piece);
                meter.reached(piece.offset() + piece.length());
            }
            file.truncate(layout.size());
            file.force(true);
        }
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(target.resolveSibling(""), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** Where what was written waits for the next run, until it is whole. */
    public Path partial() {
        return partial;
    }

    /** Gives up what an interrupted run left for the next one. */
    public void discard() throws IOException {
        Files.deleteIfExists(partial);
    }

    private void write(FileChannel file, Piece piece) throws IOException {
        if (piece.bytes().isPresent()) {
            literal(file, piece, piece.bytes().get());
            return;
        }
        Blob blob = piece.blob().orElseThrow();
        Sha256 sha = new Sha256();
        long there = Math.max(0, Math.min(piece.length(), file.size() - piece.offset()));
        hash(file, piece.offset(), there, sha);
        if (there < piece.length()) {
            append(file, piece, there, sha);
        }
        if (!sha.finish().equals(blob.digest())) {
            again(file, piece, blob, there);
        }
    }

    private void literal(FileChannel file, Piece piece, byte[] bytes) throws IOException {
        ByteBuffer there = ByteBuffer.allocate(bytes.length);
        while (there.hasRemaining() && file.read(there, piece.offset() + there.position()) > 0) {}
        if (there.hasRemaining() || !Arrays.equals(there.array(), bytes)) {
            // Another list, or torn: what follows belongs to something else.
            file.truncate(Math.min(file.size(), piece.offset()));
            put(file, ByteBuffer.wrap(bytes), piece.offset());
        }
    }

    private void put(FileChannel file, ByteBuffer bytes, long at) throws IOException {
        long next = at;
        try {
            while (bytes.hasRemaining()) {
                next += file.write(bytes, next);
            }
        } catch (IOException full) {
            throw new IOException("Tried to write " + partial + ": " + full.getMessage() + ".", full);
        }
    }

    private static void hash(FileChannel file, long at, long length, Sha256 sha) throws IOException {
        try (InputStream in = new FileRegion(file, at, length)) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int read = in.read(piece); read > 0; read = in.read(piece)) {
                sha.update(piece, 0, read);
            }
        }
    }

    private void append(FileChannel file, Piece piece, long from, Sha256 sha) throws IOException {
        Blob blob = piece.blob().orElseThrow();
        long at = from;
        byte[] buffer = new byte[PIECE_BYTES];
        try (InputStream in = blobs.open(blob, from)) {
            while (at < piece.length()) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, piece.length() - at));
                if (read < 0) {
                    throw new IOException(
                            "blob " + blob.digest() + " should have " + blob.size() + " bytes and ended after " + at);
                }
                sha.update(buffer, 0, read);
                put(file, ByteBuffer.wrap(buffer, 0, read), piece.offset() + at);
                at += read;
                meter.reached(piece.offset() + at);
            }
        }
    }

    /** What was there already may be the wrong half: once more from the beginning, and then it is the source that lies. */
    private void again(FileChannel file, Piece piece, Blob blob, long there) throws IOException {
        file.truncate(piece.offset());
        if (there > 0) {
            Sha256 sha = new Sha256();
            append(file, piece, 0, sha);
            if (sha.finish().equals(blob.digest())) {
                return;
            }
            file.truncate(piece.offset());
        }
        throw new IOException("blob " + blob.digest() + " arrived with other bytes than its digest says");
    }
}
