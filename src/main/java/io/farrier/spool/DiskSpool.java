package io.farrier.spool;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.feed.EventHead;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Topic;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.InvalidFrameException;
import io.farrier.segment.NotASegmentException;
import io.farrier.segment.Segment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The spool on disk: one segment of event frames and notes. Only places are kept in memory; the events stay on disk.
 * The file is written anew when most of it is no longer wanted.
 *
 * <p>Numbers are reserved in blocks, and a block is on disk before its first number is used: after a power cut that
 * took the last records, a number that may have been sent and stored is never given to another event.
 */
public final class DiskSpool implements Spool {
    /** A day of outcomes and some hours of health of a busy node; on disk twice while it is written anew. */
    public static final long DEFAULT_BYTES = 8 << 20;

    private static final int RESERVED = 1000;

    /** The file may hold this many times the bound before it is written anew, so that writing anew stays rare. */
    private static final int SLACK = 2;

    /** So many times what still waits: little is copied, also where something always waits. */
    private static final int MOSTLY_ACKED = 4;

    /** And then as soon as it has this part of the bound: a node on which containers come and go keeps a small file. */
    private static final int DRAINED_PART = 8;

    private static final long WORTH_REWRITING = 256 << 10;

    /** No mapper: it takes longer to be made than the spool to be read, and an agent is not ready before. */
    private static final JsonFactory JSON = new JsonFactory();

    /** The first byte of a record says what it is. */
    private static final byte EVENT = 'e';

    private static final byte NOTE = 'n';

    /** @param acked all up to here are acknowledged; @param reserved numbers up to here may have been used */
    private record Note(String id, long acked, long reserved, long lost) {}

    private final Path file;
    private final long maxBytes;
    private final RandomGenerator random;
    private final Backlog backlog = new Backlog();
    private Optional<String> damage = Optional.empty();
    private Segment segment;
    private Note note;
    private long lastSeq;

    /**
     * Opens the spool in {@code folder}. Whatever was done to its file, this succeeds: damage costs the records it hit.
     *
     * @param random names new sequences
     */
    public static DiskSpool open(Path folder, long maxBytes, RandomGenerator random) throws IOException {
        return new DiskSpool(folder.resolve("events.segment"), maxBytes, random);
    }

    private DiskSpool(Path file, long maxBytes, RandomGenerator random) throws IOException {
        this.file = file;
        this.maxBytes = maxBytes;
        this.random = random;
        Replay replay = new Replay();
        this.segment = openSegment(file, replay);
        this.note = replay.note == null ? new Note(newId(), 0, 0, 0) : replay.note;
        backlog.ack(note.acked());
        this.lastSeq = highestNumberUsed();
        if (segment.skippedBytes() > 0) {
            damage = Optional.of(segment.skippedBytes() + " bytes in " + file + ", and the events in them");
        }
        if (replay.note == null || segment.skippedBytes() > 0) {
            // The damaged bytes may have held a note: nobody knows which numbers were used.
            startNewSequence();
            tidy();
        } else if (isMostlyUnwanted()) {
            tidy();
        }
    }

    /** What is small is not worth the writes: an agent opens its spool before it is ready. */
    private boolean isMostlyUnwanted() {
        return segment.length() > WORTH_REWRITING && segment.length() > SLACK * backlog.bytes();
    }

    /** Without room for a second file the one that is there goes on: a full disk must not keep the agent from its start. */
    private void tidy() throws IOException {
        Segment before = segment;
        try {
            rewrite();
        } catch (IOException noRoom) {
            if (segment != before) {
                throw noRoom;
            }
            Files.deleteIfExists(file.resolveSibling("events.new"));
        }
    }

    private long highestNumberUsed() {
        long known = Math.max(note.reserved(), backlog.lastSeq());
        return segment.cutBytes() > 0 ? known + RESERVED : known;
    }

    @Override
    public String id() {
        return note.id();
    }

    @Override
    public Event append(Topic topic, Instant at, JsonNode data) throws IOException {
        reserve();
        Event event = new Event(note.id(), lastSeq + 1, topic, at, data);
        ByteBuffer record = record(event);
        makeRoom(topic, record.remaining());
        long position = segment.append(record);
        lastSeq = event.seq();
        backlog.add(new Backlog.Place(event.seq(), topic, position, record.remaining()));
        if (topic == Topic.OUTCOME || topic == Topic.FINDINGS) {
            segment.force();
        }
        return event;
    }

    @Override
    public List<Event> after(long seq, int max) throws IOException {
        List<Event> events = new ArrayList<>();
        for (Backlog.Place place : backlog.after(seq, max)) {
            readOrGiveUp(place).ifPresent(events::add);
        }
        return events;
    }

    @Override
    public void ack(long seq) throws IOException {
        if (seq > lastSeq) {
            throw new IllegalArgumentException("event " + seq + " was never spooled; the latest is " + lastSeq);
        }
        if (seq <= note.acked()) {
            return;
        }
        backlog.ack(seq);
        write(new Note(note.id(), seq, note.reserved(), note.lost()));
        rewriteWhenWorthIt();
    }

    @Override
    public long lastSeq() {
        return lastSeq;
    }

    @Override
    public long lost() {
        return note.lost();
    }

    @Override
    public Optional<String> damage() {
        return damage;
    }

    @Override
    public void close() throws IOException {
        segment.close();
    }

    private Segment openSegment(Path file, Replay replay) throws IOException {
        try {
            return Segment.open(file, replay);
        } catch (NotASegmentException damaged) {
            // Kept for whoever wants to look; the next damage replaces it, so that there is at most one.
            Path aside = file.resolveSibling("events.damaged");
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            damage = Optional.of("the head of " + file + ", and the events in it; it is now " + aside);
            return Segment.open(file, replay);
        }
    }

    /** Reads back what the file holds, in order. */
    private final class Replay implements Segment.Visitor {
        private @Nullable Note note;

        @Override
        public void record(long position, ByteBuffer payload) throws IOException {
            int bytes = payload.remaining();
            if (bytes == 0) {
                return;
            }
            byte kind = payload.get();
            if (kind == NOTE) {
                note = readNote(payload);
            } else if (kind == EVENT) {
                EventHead.read(payload)
                        .ifPresent(
                                event -> backlog.add(new Backlog.Place(event.seq(), event.topic(), position, bytes)));
            }
        }
    }

    /** What is unacknowledged is sent again under the new name; a store may hold it twice. */
    private void startNewSequence() throws IOException {
        note = new Note(newId(), 0, note.reserved(), note.lost());
        for (Event old : after(0, Integer.MAX_VALUE)) {
            Event renamed = new Event(note.id(), old.seq(), old.topic(), old.at(), old.data());
            ByteBuffer record = record(renamed);
            backlog.add(new Backlog.Place(old.seq(), old.topic(), segment.append(record), record.remaining()));
        }
    }

    private void reserve() throws IOException {
        if (lastSeq < note.reserved()) {
            return;
        }
        write(new Note(note.id(), note.acked(), lastSeq + RESERVED, note.lost()));
        segment.force();
    }

    private void makeRoom(Topic incoming, int bytes) throws IOException {
        if (bytes > maxBytes) {
            throw new IOException("Tried to spool an event of " + bytes + " bytes, but the spool holds " + maxBytes);
        }
        long lost = 0;
        while (backlog.bytes() + bytes > maxBytes) {
            lost += backlog.giveUpOne(incoming) ? 0 : 1;
        }
        if (lost > 0) {
            write(new Note(note.id(), note.acked(), note.reserved(), note.lost() + lost));
        }
        rewriteWhenWorthIt();
    }

    private void rewriteWhenWorthIt() throws IOException {
        if (segment.length() > SLACK * maxBytes
                || (segment.length() > maxBytes / DRAINED_PART && segment.length() > MOSTLY_ACKED * backlog.bytes())) {
            rewrite();
        }
    }

    /** A new file with the note and what is wanted, in place of the old one. */
    private void rewrite() throws IOException {
        Path fresh = file.resolveSibling("events.new");
        Files.deleteIfExists(fresh);
        Segment next = Segment.open(fresh, (position, payload) -> {});
        try {
            next.append(record(note));
            List<Backlog.Place> moved = new ArrayList<>();
            for (Backlog.Place place : backlog.after(0, Integer.MAX_VALUE)) {
                Optional<ByteBuffer> record = recordOrGiveUp(place);
                if (record.isPresent()) {
                    moved.add(new Backlog.Place(place.seq(), place.topic(), next.append(record.get()), place.bytes()));
                }
            }
            next.force();
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            forceFolder();
            moved.forEach(backlog::add);
        } catch (IOException failed) {
            next.close();
            throw failed;
        }
        segment.close();
        segment = next;
    }

    private void forceFolder() throws IOException {
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private void write(Note next) throws IOException {
        segment.append(record(next));
        note = next;
    }

    private Optional<Event> readOrGiveUp(Backlog.Place place) {
        Optional<ByteBuffer> record = recordOrGiveUp(place);
        if (record.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (FrameCodec.decode(record.get().position(1)) instanceof Event event) {
                return Optional.of(event);
            }
        } catch (InvalidFrameException damaged) {
            // Counted below.
        }
        giveUp(place);
        return Optional.empty();
    }

    /** A record that went bad since it was written costs itself. */
    private Optional<ByteBuffer> recordOrGiveUp(Backlog.Place place) {
        try {
            return Optional.of(segment.read(place.position(), place.bytes()));
        } catch (IOException damaged) {
            giveUp(place);
            return Optional.empty();
        }
    }

    private void giveUp(Backlog.Place place) {
        backlog.remove(place);
        note = new Note(note.id(), note.acked(), note.reserved(), note.lost() + 1);
    }

    private static ByteBuffer record(Event event) {
        ByteBuffer frame = FrameCodec.encode(event);
        return ByteBuffer.allocate(1 + frame.remaining()).put(EVENT).put(frame).flip();
    }

    private static ByteBuffer record(Note note) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeStringField("id", note.id());
            out.writeNumberField("acked", note.acked());
            out.writeNumberField("reserved", note.reserved());
            out.writeNumberField("lost", note.lost());
            out.writeEndObject();
        }
        byte[] json = bytes.toByteArray();
        return ByteBuffer.allocate(1 + json.length).put(NOTE).put(json).flip();
    }

    private static Note readNote(ByteBuffer payload) throws IOException {
        byte[] json = new byte[payload.remaining()];
        payload.get(json);
        @Nullable String id = null;
        Map<String, Long> numbers = new HashMap<>();
        try (JsonParser in = JSON.createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String field = in.currentName();
                if (in.nextToken() == JsonToken.VALUE_STRING && field.equals("id")) {
                    id = in.getText();
                } else if (in.currentToken() == JsonToken.VALUE_NUMBER_INT) {
                    numbers.put(field, in.getLongValue());
                } else {
                    in.skipChildren();
                }
            }
        }
        if (id == null) {
            throw new IOException("Tried to read a note of the spool, but it names no sequence.");
        }
        return new Note(
                id,
                numbers.getOrDefault("acked", 0L),
                numbers.getOrDefault("reserved", 0L),
                numbers.getOrDefault("lost", 0L));
    }

    private String newId() {
        byte[] id = new byte[8];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }
}
