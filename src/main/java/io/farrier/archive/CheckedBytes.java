package io.farrier.archive;

import io.farrier.image.Blob;
import io.farrier.image.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The bytes of a blob; whoever reads to their end knows that they are it. */
public final class CheckedBytes extends FilterInputStream {
    private final Blob blob;
    private final Sha256 sha = new Sha256();
    private long read;
    private boolean checked;

    public CheckedBytes(InputStream bytes, Blob blob) {
        super(bytes);
        this.blob = blob;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int count = super.read(bytes, from, length);
        if (count > 0) {
            sha.update(bytes, from, count);
            read += count;
        }
        if (read > blob.size() || (count < 0 && read < blob.size())) {
            throw new IOException("blob " + blob.digest() + " should have " + blob.size() + " bytes and has "
                    + (read > blob.size() ? "more" : read));
        }
        // As soon as the last byte is there: a reader that knows the size never asks for the end.
        if (read == blob.size() && !checked) {
            checked = true;
            String found = sha.finish();
            if (!found.equals(blob.digest())) {
                throw new IOException("blob " + blob.digest() + " holds other bytes: they are " + found);
            }
        }
        return count;
    }

    /** Skipped bytes are part of the digest, too. */
    @Override
    public long skip(long count) throws IOException {
        byte[] buffer = new byte[(int) Math.min(count, 1 << 16)];
        long left = count;
        while (left > 0) {
            int got = read(buffer, 0, (int) Math.min(left, buffer.length));
            if (got < 0) {
                break;
            }
            left -= got;
        }
        return count - left;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
