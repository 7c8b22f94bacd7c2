package io.farrier.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Journald's native protocol: one datagram an entry, with fields that {@code journalctl} can select by. A journal that is
 * not there, or does not keep up, misses the entry; nobody waits for it.
 */
public final class JournalSocket {
    public static final JournalSocket NONE = new JournalSocket(Optional.empty());

    /** Below the kernel's default for one datagram (net.core.wmem_default, 208 KiB). */
    private static final int MAX_ENTRY_BYTES = 128 * 1024;

    private static final String NOTICE = "5"; // of syslog: normal, and worth to be seen

    private final Optional<Path> socket;

    private JournalSocket(Optional<Path> socket) {
        this.socket = socket;
    }

    public static JournalSocket ofSystem() {
        return at(Path.of("/run/systemd/journal/socket"));
    }

    static JournalSocket at(Path socket) {
        return new JournalSocket(Optional.of(socket));
    }

    /** @param fields by name: upper-case letters, digits, underscores. What makes the entry too long is left out. */
    public void send(Map<String, String> fields) {
        if (socket.isEmpty() || !socket.get().toFile().exists()) {
            return;
        }
        try {
            LibC.send(entry(fields), socket.get().toString(), false);
        } catch (IOException | LinkageError missesIt) {
            return;
        }
    }

    private static byte[] entry(Map<String, String> fields) {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        add(entry, "SYSLOG_IDENTIFIER", "farrier");
        add(entry, "PRIORITY", NOTICE);
        fields.forEach((name, value) -> add(entry, name, value));
        return entry.toByteArray();
    }

    /** {@code NAME=value}; a value of several lines has its length before it, as 64 bits, little end first. */
    private static void add(ByteArrayOutputStream entry, String name, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (entry.size() + name.length() + bytes.length > MAX_ENTRY_BYTES) {
            return;
        }
        entry.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        if (value.indexOf('\n') < 0) {
            entry.write('=');
        } else {
            entry.write('\n');
            entry.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(bytes.length)
                    .array());
        }
        entry.writeBytes(bytes);
        entry.write('\n');
    }
}
