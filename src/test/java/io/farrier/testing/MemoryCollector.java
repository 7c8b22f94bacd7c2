package io.farrier.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import io.farrier.logs.LogSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A connection and the store behind it, in memory: it holds each byte of each source once, and checks that it never changes. */
public final class MemoryCollector implements LogSink {
    private final Map<SourceId, StoredFile> store = new LinkedHashMap<>();
    private final Map<SourceId, String> containers = new HashMap<>();
    private final List<Frame.LogBatch> unacked = new ArrayList<>();
    private final List<Frame.Lost> lost = new ArrayList<>();
    private final List<Frame.SourceOpened> opened = new ArrayList<>();
    private long connection = 1;
    private long credit = 1 << 20;
    private long underWay;
    private int batches;

    public void credit(long bytes) {
        credit = bytes;
    }

    public void disconnect() {
        connection = NONE;
        reset();
    }

    public void reconnect(long number) {
        connection = number;
        reset();
    }

    private void reset() {
        unacked.clear();
        opened.clear();
        underWay = 0;
    }

    @Override
    public long connection() {
        return connection;
    }

    @Override
    public long room() {
        return connection == NONE ? 0 : credit - underWay;
    }

    @Override
    public boolean isDrained() {
        return underWay == 0;
    }

    @Override
    public void send(long on, Frame frame) {
        if (on != connection) {
            return;
        }
        if (frame instanceof Frame.SourceOpened source) {
            opened.add(source);
            containers.put(source.source(), source.container());
        } else if (frame instanceof Frame.Lost loss) {
            lost.add(loss);
        } else if (frame instanceof Frame.LogBatch batch) {
            keep(batch);
        }
    }

    private void keep(Frame.LogBatch batch) {
        if (opened.stream().noneMatch(source -> source.source().equals(batch.source()))) {
            throw new AssertionError("a batch came before its source was announced on this connection");
        }
        if (batch.body().remaining() != batch.to() - batch.from()) {
            throw new AssertionError("body and range differ: " + batch);
        }
        byte[] bytes = new byte[batch.body().remaining()];
        batch.body().duplicate().get(bytes);
        store.computeIfAbsent(batch.source(), id -> new StoredFile()).put((int) batch.from(), bytes);
        batches++;
        underWay += bytes.length;
        unacked.add(batch);
    }

    @Override
    public void flush() {}

    @Override
    public void forget(SourceId source) {}

    /** Acknowledges the oldest {@code count} batches and all losses. */
    public void ack(int count, Consumer<Frame.Ack> tail) {
        List<Frame.LogBatch> now = List.copyOf(unacked.subList(0, Math.min(count, unacked.size())));
        unacked.removeAll(now);
        for (Frame.LogBatch batch : now) {
            underWay -= batch.to() - batch.from();
            tail.accept(Frame.Ack.of(batch.source(), List.of(new ByteRange(batch.from(), batch.to()))));
        }
        lost.forEach(loss -> tail.accept(ackOf(loss)));
    }

    private static Frame.Ack ackOf(Frame.Lost loss) {
        return loss.to() == Frame.Lost.UNKNOWN
                ? Frame.Ack.ofLosses(loss.source(), List.of(loss.from()))
                : Frame.Ack.of(loss.source(), List.of(new ByteRange(loss.from(), loss.to())));
    }

    /** Acknowledges all batches of one source, that of the oldest, as a collector does that may not send often. */
    public void ackOneSource(Consumer<Frame.Ack> tail) {
        SourceId source = unacked.get(0).source();
        List<Frame.LogBatch> now =
                unacked.stream().filter(batch -> batch.source().equals(source)).toList();
        unacked.removeAll(now);
        underWay -= now.stream().mapToLong(batch -> batch.to() - batch.from()).sum();
        tail.accept(Frame.Ack.of(
                source,
                now.stream()
                        .map(batch -> new ByteRange(batch.from(), batch.to()))
                        .toList()));
    }

    public int unacked() {
        return unacked.size();
    }

    public int batches() {
        return batches;
    }

    public List<Frame.Lost> lost() {
        return lost;
    }

    /** As it was announced. */
    public String containerOf(SourceId source) {
        return containers.getOrDefault(source, "");
    }

    public List<Frame.SourceOpened> opened() {
        return opened;
    }

    /** All lines of all sources, source by source; a gap ends a line and begins another. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        store.keySet().forEach(source -> lines.addAll(lines(source)));
        return lines;
    }

    public List<String> linesOf(String container) {
        List<String> lines = new ArrayList<>();
        store.keySet().stream()
                .filter(source -> container.equals(containers.get(source)))
                .forEach(source -> lines.addAll(lines(source)));
        return lines;
    }

    private List<String> lines(SourceId source) {
        return store.getOrDefault(source, new StoredFile()).lines();
    }

    private static final class StoredFile {
        private final BitSet present = new BitSet();
        private byte[] bytes = new byte[0];

        void put(int from, byte[] batch) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length, from + batch.length));
            for (int i = 0; i < batch.length; i++) {
                if (present.get(from + i) && bytes[from + i] != batch[i]) {
                    throw new AssertionError("byte " + (from + i) + " changed");
                }
            }
            System.arraycopy(batch, 0, bytes, from, batch.length);
            present.set(from, from + batch.length);
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            for (int from = present.nextSetBit(0); from >= 0; ) {
                int to = present.nextClearBit(from);
                lines.addAll(new String(bytes, from, to - from, UTF_8).lines().toList());
                from = present.nextSetBit(to);
            }
            return lines;
        }
    }
}
