package io.farrier.collector.store;

import io.farrier.rules.MultiLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of the lines of one source: what goes on with the line before becomes one with it, never over the two
 * streams, and never without bounds. The runtime's pieces of a line are put together as well.
 */
public final class RecordJoiner {
    /** Deeper than any stack that a person reads. */
    static final int MAX_LINES = 500;

    static final int MAX_CHARS = 256 << 10;

    /** A trace is written at once; what comes later belongs to something else. */
    static final long MAX_PAUSE_MILLIS = 5_000;

    private final Consumer<Joined> finished;
    private final Open[] streams;

    /**
     * Some lines, or one.
     *
     * @param ids of its lines; the first is the record's
     * @param offset of the first line in the file
     * @param received when the first line came, by the collector's clock
     * @param text of all, with a line feed between two
     */
    public record Joined(List<Long> ids, List<Long> offsets, List<String> texts, long received, LineText text) {
        public Joined {
            ids = List.copyOf(ids);
            offsets = List.copyOf(offsets);
            texts = List.copyOf(texts);
        }

        public long offset() {
            return offsets.get(0);
        }

        public int lines() {
            return texts.size();
        }

        /** A match in any of its lines is one of the record. */
        public boolean contains(String wanted) {
            return texts.stream().anyMatch(line -> line.contains(wanted));
        }
    }

    /** @param finished is given each record when it is known to be whole, or as long as it may become */
    public RecordJoiner(Joining joining, String container, Consumer<Joined> finished) {
        MultiLine pattern = joining.of(container);
        this.finished = finished;
        this.streams = new Open[] {new Open(pattern), new Open(pattern)};
    }

    /** @param id of the line in the store, any number where it has none yet */
    public void add(long id, long offset, long received, LineText line) {
        streams[line.stream().equals(Optional.of("stderr")) ? 1 : 0].add(id, offset, received, line);
    }

    /** Nothing more will come that could go on with them. */
    public void finish() {
        for (Open stream : streams) {
            stream.finish();
        }
    }

    /** Nothing came for a while. @param received the latest that counts as long ago */
    public void finishBefore(long received) {
        for (Open stream : streams) {
            if (stream.lastReceived < received) {
                stream.finish();
            }
        }
    }

    public boolean isEmpty() {
        return streams[0].texts.isEmpty() && streams[1].texts.isEmpty();
    }

    private final class Open {
        final MultiLine.Follower follower;
        final List<Long> ids = new ArrayList<>();
        final List<Long> offsets = new ArrayList<>();
        final List<String> texts = new ArrayList<>();

        @Nullable
        LineText first;

        boolean isPiece;
        boolean isCut;
        long chars;
        long firstReceived;
        long lastReceived;

        Open(MultiLine pattern) {
            this.follower = pattern.follow();
        }

        void add(long id, long offset, long received, LineText line) {
            if (isPiece) {
                addPiece(received, line);
                return;
            }
            boolean goesOn = follower.goesOn(line.text());
            boolean isFull = texts.size() >= MAX_LINES || chars + line.text().length() > MAX_CHARS;
            if (!goesOn || isFull || received - lastReceived > MAX_PAUSE_MILLIS) {
                finish();
            }
            if (first == null) {
                first = line;
                firstReceived = received;
            }
            ids.add(id);
            offsets.add(offset);
            texts.add(line.text());
            took(received, line);
        }

        private void addPiece(long received, LineText piece) {
            int last = texts.size() - 1;
            String before = texts.get(last);
            int room = Math.max(0, LineText.MAX_JOINED - before.length());
            isCut |= piece.text().length() > room;
            texts.set(
                    last,
                    before
                            + piece.text()
                                    .substring(0, Math.min(room, piece.text().length())));
            took(received, piece);
        }

        private void took(long received, LineText line) {
            chars += line.text().length();
            isCut |= line.cut();
            isPiece = line.partial();
            lastReceived = received;
        }

        void finish() {
            LineText begin = first;
            if (begin != null) {
                LineText text = new LineText(begin.time(), begin.stream(), String.join("\n", texts), isPiece, isCut);
                finished.accept(new Joined(ids, offsets, texts, firstReceived, text));
            }
            ids.clear();
            offsets.clear();
            texts.clear();
            first = null;
            isPiece = false;
            isCut = false;
            chars = 0;
        }
    }
}
