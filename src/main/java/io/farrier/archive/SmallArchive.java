package io.farrier.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** The files of a small {@code .tgz}, such as a Helm chart, in memory; nothing of it is ever written anywhere. */
public final class SmallArchive {
    private static final int MAX_BYTES = 64 << 20; // Helm refuses charts far below that

    private SmallArchive() {}

    /** @throws IOException with a sentence when it is no gzip of a tar */
    public static Map<String, byte[]> read(byte[] gzip) throws IOException {
        byte[] tar = inflated(gzip);
        Map<String, byte[]> files = new LinkedHashMap<>();
        int at = 0;
        while (at + TarHeader.BLOCK <= tar.length) {
            byte[] block = Arrays.copyOfRange(tar, at, at + TarHeader.BLOCK);
            if (TarHeader.isEmpty(block)) {
                break;
            }
            TarHeader header = TarHeader.parse(block);
            at += TarHeader.BLOCK;
            if (header.size() > tar.length - at) {
                throw new IOException("'" + header.name() + "' ends beyond the end of the archive");
            }
            if (header.type() == TarHeader.FILE) {
                files.put(header.name(), Arrays.copyOfRange(tar, at, at + (int) header.size()));
            }
            at += (int) ((header.size() + TarHeader.BLOCK - 1) / TarHeader.BLOCK * TarHeader.BLOCK);
        }
        return files;
    }

    private static byte[] inflated(byte[] gzip) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("it unpacks to more than the " + MAX_BYTES + " bytes that are accepted");
            }
            return bytes;
        } catch (java.util.zip.ZipException | java.io.EOFException broken) {
            throw new IOException("it is no gzip, or cut off: " + broken.getMessage(), broken);
        }
    }
}
