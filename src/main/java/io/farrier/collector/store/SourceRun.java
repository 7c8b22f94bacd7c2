package io.farrier.collector.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Lines of one source that follow each other without a gap, read one by one. */
final class SourceRun {
    private final List<Chunk> chunks;
    private int current;
    private int at;
    private long nextId;

    /** @param chunks of one source that follow each other, at least one */
    private SourceRun(List<Chunk> chunks) {
        this.chunks = chunks;
        enter(0);
    }

    /** Takes one line, without its line feed. */
    interface Reader {
        void line(long id, long offset, long received, LineText line);
    }

    /** The run that holds {@code offset}, of chunks in any order, some of which may be there twice. */
    static Optional<SourceRun> around(long offset, List<Chunk> chunks) {
        List<Chunk> sorted =
                chunks.stream().sorted(Comparator.comparingLong(Chunk::from)).toList();
        List<Chunk> run = new ArrayList<>();
        for (Chunk chunk : sorted) {
            boolean isThere =
                    !run.isEmpty() && chunk.from() < run.get(run.size() - 1).to();
            if (isThere) {
                continue;
            }
            if (!run.isEmpty() && !Shelf.follows(run.get(run.size() - 1), chunk)) {
                if (chunk.from() > offset) {
                    break;
                }
                run.clear();
            }
            run.add(chunk);
        }
        boolean holds = !run.isEmpty()
                && run.get(0).from() <= offset
                && run.get(run.size() - 1).to() > offset;
        return holds ? Optional.of(new SourceRun(List.copyOf(run))) : Optional.empty();
    }

    boolean holds(long offset) {
        return chunks.get(0).from() <= offset && chunks.get(chunks.size() - 1).to() > offset;
    }

    /** Goes to the beginning of the line that {@code offset} is in, or to the first line. */
    void goTo(long offset) {
        int number = 0;
        while (number < chunks.size() - 1 && chunks.get(number).to() <= offset) {
            number++;
        }
        enter(number);
        Chunk chunk = chunks.get(number);
        int start = chunk.start() + (int) Math.max(0, offset - chunk.from());
        while (start > chunk.start() && chunk.array()[start - 1] != '\n') {
            start--;
        }
        at = start;
        nextId = chunk.firstId() + Chunk.count(chunk.array(), chunk.start(), start);
    }

    /** Offset of the next line in the file; behind the last one at the end. */
    long position() {
        Chunk chunk = chunks.get(current);
        return chunk.from() + at - chunk.start();
    }

    /** Of the next line, if it follows. */
    long nextId() {
        return nextId;
    }

    boolean hasMore() {
        return at < chunks.get(current).end() || current < chunks.size() - 1;
    }

    void read(Reader reader) {
        if (at >= chunks.get(current).end()) {
            enter(current + 1);
        }
        Chunk chunk = chunks.get(current);
        int feed = LineFeeds.next(chunk.array(), at, chunk.end());
        byte[] raw = Arrays.copyOfRange(chunk.array(), at, feed);
        reader.line(
                nextId, position(), chunk.received(), LineText.of(chunk.source().form(), raw));
        at = feed + 1;
        nextId++;
    }

    private void enter(int number) {
        current = number;
        at = chunks.get(number).start();
        nextId = chunks.get(number).firstId();
    }
}
