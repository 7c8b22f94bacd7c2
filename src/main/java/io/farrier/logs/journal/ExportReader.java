package io.farrier.logs.journal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The journal's export format (systemd.io/JOURNAL_EXPORT_FORMATS): fields {@code NAME=text\n}, or {@code NAME\n}, a
 * length of 8 bytes (little endian), that many bytes and {@code \n}; an empty line ends the entry. Whatever the lengths
 * say, no more is kept than the bounds here.
 */
final class ExportReader {
    /** More than journald takes from a stream by default (LineMax=48K); more only comes by its own protocol. */
    static final int MAX_MESSAGE_BYTES = 1 << 20;

    /** journald refuses longer names of fields (journal-file.c: 64); beyond this it is no export format. */
    private static final int MAX_NAME_BYTES = 1 << 10;

    /** Of a cursor, a unit's name, a number. */
    private static final int MAX_VALUE_BYTES = 1 << 10;

    /** journald's own bound is 1024 (ENTRY_FIELD_COUNT_MAX). */
    private static final int MAX_FIELDS = 4096;

    private static final int BUFFER_BYTES = 64 << 10;

    /** In this order an entry's unit is looked for, as {@code journalctl -u} does (systemd: logs-show.c). */
    private static final List<String> UNIT_FIELDS =
            List.of("_SYSTEMD_UNIT", "UNIT", "OBJECT_SYSTEMD_UNIT", "COREDUMP_UNIT");

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;

    ExportReader(InputStream in) {
        this.in = in;
    }

    /** True when something can be read without waiting. */
    boolean isReady() throws IOException {
        return at < end || in.available() > 0;
    }

    /** The next entry; empty at the end. What the end cuts off is no entry. */
    Optional<JournalEntry> next() throws IOException {
        try {
            Fields fields = new Fields();
            for (int i = 0; i < MAX_FIELDS; i++) {
                if (!field(fields)) {
                    Optional<JournalEntry> entry = fields.entry();
                    if (entry.isPresent()) {
                        return entry;
                    }
                    fields = new Fields();
                    i = 0;
                }
            }
            throw new IOException("Tried to read the journal but an entry has more than " + MAX_FIELDS + " fields.");
        } catch (EOFException end) {
            return Optional.empty();
        }
    }

    /** @return false for the empty line that ends an entry */
    private boolean field(Fields fields) throws IOException {
        byte[] name = new byte[MAX_NAME_BYTES];
        int length = 0;
        for (int b = read(); b != '='; b = read()) {
            if (b == '\n') {
                if (length > 0) {
                    binary(fields, text(name, length));
                }
                return length > 0;
            }
            if (length == name.length) {
                throw new IOException("Tried to read the journal but a field's name is longer than " + MAX_NAME_BYTES
                        + " bytes: this is no export format.");
            }
            name[length++] = (byte) b;
        }
        line(fields, text(name, length));
        return true;
    }

    private void line(Fields fields, String name) throws IOException {
        Value value = new Value(fields.bound(name));
        for (int b = read(); b != '\n'; b = read()) {
            value.add((byte) b);
        }
        fields.set(name, value);
    }

    private void binary(Fields fields, String name) throws IOException {
        long length = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            length |= (long) read() << (Byte.SIZE * i);
        }
        if (length < 0) {
            throw new IOException("Tried to read the journal but a field is said to be longer than any file.");
        }
        Value value = new Value(fields.bound(name));
        for (long i = 0; i < length; i++) {
            value.add((byte) read());
        }
        if (read() != '\n') {
            throw new IOException("Tried to read the journal but a field of " + length + " bytes goes on behind them.");
        }
        fields.set(name, value);
    }

    private int read() throws IOException {
        if (at == end) {
            end = Math.max(0, in.read(buffer));
            at = 0;
            if (end == 0) {
                throw new EOFException();
            }
        }
        return buffer[at++] & 0xff;
    }

    private static String text(byte[] bytes, int length) {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** The first bytes of a value, and how long it is. */
    private static final class Value {
        private final int bound;
        private byte[] kept;
        private int length;
        private long cut;

        Value(int bound) {
            this.bound = bound;
            this.kept = new byte[Math.min(bound, 256)];
        }

        void add(byte b) {
            if (length == bound) {
                cut++;
                return;
            }
            if (length == kept.length) {
                kept = Arrays.copyOf(kept, Math.min(bound, 2 * kept.length));
            }
            kept[length++] = b;
        }

        String string() {
            return text(kept, length);
        }
    }

    /** Of one entry, those that count. */
    private static final class Fields {
        private final @Nullable String[] units = new @Nullable String[UNIT_FIELDS.size()];
        private @Nullable String cursor;
        private long micros;
        private int priority = JournalEntry.INFORMATIONAL;
        private boolean isOfContainer;
        private byte[] message = {};
        private long cutBytes;

        int bound(String name) {
            return name.equals("MESSAGE") ? MAX_MESSAGE_BYTES : isWanted(name) ? MAX_VALUE_BYTES : 0;
        }

        private static boolean isWanted(String name) {
            return name.equals("__CURSOR")
                    || name.equals("__REALTIME_TIMESTAMP")
                    || name.equals("PRIORITY")
                    || UNIT_FIELDS.contains(name);
        }

        void set(String name, Value value) {
            switch (name) {
                case "__CURSOR" -> cursor = value.string();
                case "__REALTIME_TIMESTAMP" -> micros = number(value, 0);
                case "PRIORITY" -> priority = (int) number(value, JournalEntry.INFORMATIONAL);
                // moby: daemon/logger/journald/journald.go
                case "CONTAINER_ID" -> isOfContainer = true;
                case "MESSAGE" -> {
                    message = Arrays.copyOf(value.kept, value.length);
                    cutBytes = value.cut;
                }
                default -> {
                    int unit = UNIT_FIELDS.indexOf(name);
                    if (unit >= 0) {
                        units[unit] = value.string();
                    }
                }
            }
        }

        private static long number(Value value, long otherwise) {
            try {
                return Long.parseLong(value.string());
            } catch (NumberFormatException notANumber) {
                return otherwise;
            }
        }

        Optional<JournalEntry> entry() {
            if (cursor == null) {
                return Optional.empty();
            }
            List<String> named = new ArrayList<>();
            for (String unit : units) {
                if (unit != null) {
                    named.add(unit);
                }
            }
            return Optional.of(
                    new JournalEntry(cursor, micros, priority, List.copyOf(named), isOfContainer, message, cutBytes));
        }
    }
}
