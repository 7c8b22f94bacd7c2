package io.farrier.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.testing.MemoryCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;

/** A tail over files that a test writes, rotates and compresses, with a clock and a collector in memory. */
final class TailedFolder implements AutoCloseable {
    final MemoryCollector collector = new MemoryCollector();
    private final CheckpointFile cursors;
    private final Tail.Wanted wanted;
    private final BooleanSupplier mayLink;
    private Tail tail;
    private int written;
    private long now;

    TailedFolder(Path state, Tail.Wanted wanted) throws IOException {
        this(state, wanted, () -> true);
    }

    TailedFolder(Path state, Tail.Wanted wanted, BooleanSupplier mayLink) throws IOException {
        this.cursors = new CheckpointFile(Files.createDirectories(state));
        this.wanted = wanted;
        this.mayLink = mayLink;
        this.tail = open();
    }

    Tail tail() {
        return tail;
    }

    /** Appends lines that nobody else writes, as a containerd does. */
    List<String> write(Path log, int lines) throws IOException {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            made.add(String.format("2026-11-20T12:00:00.%09d+01:00 stdout F line %06d", written, written));
            written++;
        }
        Files.createDirectories(log.getParent());
        Files.writeString(
                log, String.join("\n", made) + "\n", UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return made;
    }

    /** As gzip and the kubelet: a new file, and the old one goes. */
    static void compress(Path plain) throws IOException {
        Path temporary = plain.resolveSibling(plain.getFileName() + ".tmp");
        try (GZIPOutputStream gzip = new GZIPOutputStream(Files.newOutputStream(temporary))) {
            Files.copy(plain, gzip);
        }
        Files.move(temporary, plain.resolveSibling(plain.getFileName() + ".gz"));
        Files.delete(plain);
    }

    /** Turns, acknowledges and writes checkpoints for some seconds, long enough to finish what is rotated away. */
    void settle() throws IOException {
        for (int second = 0; second < 8; second++) {
            for (int i = 0; i < 20; i++) {
                tail.turn();
                collector.ack(Integer.MAX_VALUE, tail::ack);
            }
            save();
            pass(Duration.ofSeconds(1));
        }
    }

    void save() throws IOException {
        Optional<Checkpoint> checkpoint = tail.checkpoint();
        if (checkpoint.isPresent()) {
            cursors.write(checkpoint.get());
            tail.written(checkpoint.get().version());
        }
    }

    void pass(Duration time) {
        now += time.toNanos();
    }

    void kill() throws IOException {
        tail.close();
    }

    void restart() throws IOException {
        tail = open();
        collector.reconnect(collector.connection() + 1);
    }

    private Tail open() throws IOException {
        return new Tail(
                wanted,
                cursors.content().entries(),
                Set::of,
                mayLink,
                collector,
                () -> now,
                Clock.systemUTC(),
                Optional.empty());
    }

    @Override
    public void close() throws IOException {
        tail.close();
    }
}
