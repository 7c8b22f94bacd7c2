package io.farrier.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.image.Blob;
import io.farrier.image.Sha256;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * A layer as large as real ones: many files of text that gzip brings to less than half. The same name and size give the same
 * bytes, and they are kept between runs.
 *
 * @param file the compressed tar
 * @param diff digest of what is in it
 */
public record BulkLayer(Path file, Blob blob, String diff) {
    private static final String MEDIA_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    private static final int WORDS = 4096;
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int MAX_FILE_BYTES = 256 * 1024;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** @param compressedBytes roughly: the last file is not cut */
    public static BulkLayer of(Path folder, String name, long compressedBytes) throws IOException {
        Path file = folder.resolve(name + "-" + compressedBytes + ".tar.gz");
        Path facts = folder.resolve(file.getFileName() + ".json");
        if (!Files.exists(facts)) {
            Files.createDirectories(folder);
            MAPPER.writeValue(
                    facts.toFile(), Map.of("diff", write(file, name, compressedBytes), "digest", sha256(file)));
        }
        Map<?, ?> known = MAPPER.readValue(facts.toFile(), Map.class);
        return new BulkLayer(
                file,
                new Blob(MEDIA_TYPE, String.valueOf(known.get("digest")), Files.size(file)),
                String.valueOf(known.get("diff")));
    }

    private static String sha256(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return Sha256.of(in);
        }
    }

    private static String write(Path file, String name, long compressedBytes) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        SplittableRandom random = new SplittableRandom(name.hashCode());
        byte[] text = text(random);
        Sha256 diff = new Sha256();
        try (Counting disk = new Counting(new BufferedOutputStream(Files.newOutputStream(temporary), PIECE_BYTES));
                OutputStream gzip = new Quick(disk)) {
            for (int i = 0; disk.count < compressedBytes; i++) {
                // Log-uniform: many small files and a few large ones, as in /usr.
                int size = (int) Math.exp(random.nextDouble(Math.log(512), Math.log(MAX_FILE_BYTES)));
                put(TinyImage.header("usr/share/" + name + "/" + i % 64 + "/" + i, size, '0', ""), gzip, diff);
                byte[] content = new byte[(size + 511) / 512 * 512];
                System.arraycopy(text, random.nextInt(text.length - size), content, 0, size);
                // Or gzip would find the same place of the text again.
                for (int at = 0; at < size; at += 5) {
                    content[at] = (byte) random.nextInt(33, 127);
                }
                put(content, gzip, diff);
            }
            put(new byte[1024], gzip, diff);
        }
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        return diff.finish();
    }

    private static void put(byte[] bytes, OutputStream gzip, Sha256 diff) throws IOException {
        gzip.write(bytes);
        diff.update(bytes, 0, bytes.length);
    }

    private static byte[] text(SplittableRandom random) {
        String[] words = new String[WORDS];
        for (int i = 0; i < WORDS; i++) {
            StringBuilder word = new StringBuilder(" ");
            for (int length = random.nextInt(3, 11); length > 0; length--) {
                word.append((char) random.nextInt('a', 'z' + 1));
            }
            words[i] = word.toString();
        }
        StringBuilder text = new StringBuilder();
        while (text.length() < 4 * MAX_FILE_BYTES) {
            text.append(words[random.nextInt(WORDS)]);
        }
        return text.toString().getBytes(UTF_8);
    }

    private static final class Counting extends FilterOutputStream {
        private long count;

        Counting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }
    }

    private static final class Quick extends GZIPOutputStream {
        Quick(OutputStream out) throws IOException {
            super(out, PIECE_BYTES);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
