package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.SourceId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a block holds, readable without its lines and without anything beside it. It is written behind the body and the
 * filter: a head that is there makes the block.
 *
 * <pre>
 * head  = codec(1) plain-length(4) body-at(8) filter-at(8) forced(8) table-length(4) table, compressed
 * table = sources(4) [id form(1) container]* parts(4) [source(4) from(8) length(4) id(8) lines(4) received(8) partials(1)]*
 * </pre>
 *
 * @param forced how much of the segment was on disk for certain before the block was written
 * @param bodyAt where the lines are in the segment, those of all parts behind each other
 */
record BlockHead(byte codec, int plainLength, long bodyAt, long filterAt, long forced, List<Part> parts) {
    private static final int FIXED_BYTES = 33;

    /** Far more than the parts of the largest block need. */
    private static final int MAX_TABLE_BYTES = 64 << 20;

    record Name(SourceId id, Form form, String container) {}

    /** One chunk, without its bytes. */
    record Part(Name name, long from, int length, long firstId, int lines, long received, boolean hasPartials) {
        ByteRange range() {
            return new ByteRange(from, from + length);
        }

        Source source(NodeName node, Sources sources) {
            return sources.findOrAdd(node, name.id, name.form, name.container);
        }
    }

    BlockHead {
        parts = List.copyOf(parts);
    }

    static BlockHead of(List<Chunk> chunks, byte codec, int plainLength, long bodyAt, long filterAt, long forced) {
        List<Part> parts = new ArrayList<>(chunks.size());
        for (Chunk chunk : chunks) {
            Source source = chunk.source();
            parts.add(new Part(
                    new Name(source.id(), source.form(), source.container()),
                    chunk.from(),
                    chunk.length(),
                    chunk.firstId(),
                    chunk.lines(),
                    chunk.received(),
                    chunk.hasPartials()));
        }
        return new BlockHead(codec, plainLength, bodyAt, filterAt, forced, parts);
    }

    ByteBuffer encode(BlockCodec writtenWith) {
        byte[] table = table();
        byte[] packed = writtenWith.compress(table, table.length);
        return ByteBuffer.allocate(FIXED_BYTES + packed.length)
                .put(codec)
                .putInt(plainLength)
                .putLong(bodyAt)
                .putLong(filterAt)
                .putLong(forced)
                .putInt(table.length)
                .put(packed)
                .flip();
    }

    /** @throws IOException when it was written by a version that is not known here, or its codec is not here */
    static BlockHead decode(ByteBuffer head, Codecs codecs) throws IOException {
        try {
            byte codec = head.get();
            int plainLength = head.getInt();
            long bodyAt = head.getLong();
            long filterAt = head.getLong();
            long forced = head.getLong();
            int tableLength = head.getInt();
            if (tableLength < 0 || tableLength > MAX_TABLE_BYTES) {
                throw new IOException("a block's table of " + tableLength + " bytes is of another version");
            }
            byte[] packed = new byte[head.remaining()];
            head.get(packed);
            byte[] table = codecs.of(codec).decompress(packed, tableLength);
            return new BlockHead(codec, plainLength, bodyAt, filterAt, forced, parts(table));
        } catch (RuntimeException notOurs) {
            throw new IOException("the head of a block is of another version", notOurs);
        }
    }

    private byte[] table() {
        Map<Name, Integer> numbers = new HashMap<>();
        List<Name> names = new ArrayList<>();
        for (Part part : parts) {
            if (numbers.putIfAbsent(part.name, names.size()) == null) {
                names.add(part.name);
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(names.size());
            for (Name name : names) {
                out.writeUTF(name.id.value());
                out.writeByte(name.form.ordinal());
                out.writeUTF(name.container);
            }
            out.writeInt(parts.size());
            for (Part part : parts) {
                out.writeInt(numbers.getOrDefault(part.name, 0));
                out.writeLong(part.from);
                out.writeInt(part.length);
                out.writeLong(part.firstId);
                out.writeInt(part.lines);
                out.writeLong(part.received);
                out.writeBoolean(part.hasPartials);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        return bytes.toByteArray();
    }

    private static List<Part> parts(byte[] table) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(table));
        List<Name> names = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            names.add(new Name(new SourceId(in.readUTF()), Form.values()[in.readByte()], in.readUTF()));
        }
        List<Part> parts = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            parts.add(new Part(
                    names.get(in.readInt()),
                    in.readLong(),
                    in.readInt(),
                    in.readLong(),
                    in.readInt(),
                    in.readLong(),
                    in.readBoolean()));
        }
        return parts;
    }
}
