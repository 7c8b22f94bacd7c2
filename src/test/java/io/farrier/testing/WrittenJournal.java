package io.farrier.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Real journal files of entries that a test writes, made by systemd's own writer; {@code journalctl} reads them. */
public final class WrittenJournal {
    private static final String WRITER = "/usr/lib/systemd/systemd-journal-remote";
    private static final String BOOT = "0123456789abcdef0123456789abcdef";
    private static final int SECONDS = 60;

    private final Path folder;
    private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
    private long micros;

    /** @param micros of the first entry, since 1970; each later one comes a millisecond after */
    public WrittenJournal(Path folder, long micros) {
        this.folder = folder;
        this.micros = micros;
    }

    public Path folder() {
        return folder;
    }

    /** Fields as {@code NAME=text}, beside the time. */
    public WrittenJournal entry(String... fields) {
        micros += TimeUnit.MILLISECONDS.toMicros(1);
        line("__REALTIME_TIMESTAMP=" + micros);
        line("__MONOTONIC_TIMESTAMP=" + micros);
        line("_BOOT_ID=" + BOOT);
        for (String field : fields) {
            line(field);
        }
        line("");
        return this;
    }

    public WrittenJournal said(String unit, String message) {
        return entry("_SYSTEMD_UNIT=" + unit, "PRIORITY=6", "MESSAGE=" + message);
    }

    /** A message with line feeds, or what is no text: a length and bytes. */
    public WrittenJournal said(String unit, byte[] message) {
        micros += TimeUnit.MILLISECONDS.toMicros(1);
        line("__REALTIME_TIMESTAMP=" + micros);
        line("__MONOTONIC_TIMESTAMP=" + micros);
        line("_BOOT_ID=" + BOOT);
        line("_SYSTEMD_UNIT=" + unit);
        line("MESSAGE");
        entries.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(message.length)
                .array());
        entries.writeBytes(message);
        line("");
        line("");
        return this;
    }

    /** Appends what was said to {@code NAME.journal}; another name is another file of the same journal. */
    public void write(String name) {
        try {
            Files.createDirectories(folder);
            Process writer = new ProcessBuilder(
                            WRITER, "--output=" + folder.resolve(name + ".journal"), "--split-mode=none", "-")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(
                            folder.resolveSibling("journal-writer.log").toFile()))
                    .start();
            writer.getOutputStream().write(entries.toByteArray());
            writer.getOutputStream().close();
            entries.reset();
            if (!writer.waitFor(SECONDS, TimeUnit.SECONDS) || writer.exitValue() != 0) {
                writer.destroyForcibly();
                throw new IllegalStateException(
                        WRITER + ": " + Files.readString(folder.resolveSibling("journal-writer.log")));
            }
        } catch (IOException missing) {
            throw new UncheckedIOException(
                    "Tried to run " + WRITER + " but could not. Run 'packaging/install-tools test'.", missing);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void line(String text) {
        entries.writeBytes((text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
