package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A chunk as the journal holds it, with the names that make it readable by itself.
 *
 * <pre>
 * record = from(8) first-id(8) received(8) form(1) node container source lines...
 * name   = length(2) UTF-8
 * </pre>
 */
final class JournalRecord {
    private static final int FIXED_BYTES = 3 * Long.BYTES + 1 + 3 * Short.BYTES;

    private JournalRecord() {}

    /** The chunk of {@code record} is a part of its array. */
    record Written(ByteBuffer record, Chunk chunk) {}

    static Written write(Source source, long from, long firstId, long received, ByteBuffer lines) {
        byte[] node = utf8(source.node().value());
        byte[] container = utf8(source.container());
        byte[] id = utf8(source.id().value());
        Form form = source.form();
        int start = FIXED_BYTES + node.length + container.length + id.length;
        ByteBuffer record = ByteBuffer.allocate(start + lines.remaining())
                .putLong(from)
                .putLong(firstId)
                .putLong(received)
                .put((byte) form.ordinal());
        put(record, node);
        put(record, container);
        put(record, id);
        record.put(lines.duplicate()).flip();
        return new Written(record, chunk(source, form, from, firstId, received, record.array(), start));
    }

    /** @throws IOException when a whole record has not this form: it is of another version */
    static Chunk read(ByteBuffer record, Sources sources) throws IOException {
        try {
            long from = record.getLong();
            long firstId = record.getLong();
            long received = record.getLong();
            Form form = Form.values()[record.get()];
            NodeName node = new NodeName(name(record));
            String container = name(record);
            Source source = sources.findOrAdd(node, new SourceId(name(record)), form, container);
            byte[] lines = new byte[record.remaining()];
            record.get(lines);
            return chunk(source, form, from, firstId, received, lines, 0);
        } catch (RuntimeException notOurs) {
            throw new IOException("a record of the journal is of another version", notOurs);
        }
    }

    private static Chunk chunk(
            Source source, Form form, long from, long firstId, long received, byte[] array, int start) {
        return new Chunk(
                source,
                from,
                firstId,
                Chunk.count(array, start, array.length),
                received,
                Chunk.hasPartials(form, array, start, array.length),
                array,
                start,
                array.length);
    }

    private static void put(ByteBuffer record, byte[] name) {
        record.putShort((short) name.length).put(name);
    }

    private static String name(ByteBuffer record) {
        byte[] name = new byte[record.getShort()];
        record.get(name);
        return new String(name, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
