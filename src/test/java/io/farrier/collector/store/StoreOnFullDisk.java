package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Fills a small file system with lines, makes room, goes on, and counts; says {@code ok} or throws. */
final class StoreOnFullDisk {
    private static final NodeName NODE = new NodeName("n");
    private static final SourceId SOURCE = new SourceId("s");
    private static final int LINES = 200;
    private static final int LINE_BYTES = 60;
    private static final int AFTERWARDS = 20;

    /** Far more than the file system holds. */
    private static final int MAX_BATCHES = 10_000;

    private static final StoreLimits SMALL =
            new StoreLimits(16 << 10, 64 << 10, 1 << 20, 256 << 10, 256 << 10, Duration.ofHours(24));

    private final Path folder;
    private final Random random = new Random(5);
    private final List<String> acknowledged = new ArrayList<>();
    private long offset;

    private StoreOnFullDisk(Path folder) {
        this.folder = folder;
    }

    /** Arguments: a folder on the small file system. */
    public static void main(String[] arguments) throws Exception {
        new StoreOnFullDisk(Path.of(arguments[0])).run();
        System.out.println("ok");
    }

    private void run() throws Exception {
        Path ballast = folder.resolve("ballast");
        Files.write(ballast, new byte[2 << 20]);
        try (LineStore store = SegmentLineStore.open(folder.resolve("lines"), SMALL)) {
            store.open(NODE, new SourceOpened(SOURCE, Form.PLAIN, "c", Map.of()), Instant.now())
                    .get();
            appendUntilFull(store);
            check(!store.isHealthy(), "a store whose disk is full says that it is healthy");
            check(everyLine(store).equals(acknowledged), "a search on a full disk does not find what is stored");
            Files.delete(ballast);
            for (int batch = 0; batch < AFTERWARDS; batch++) {
                check(append(store), "the disk has room again, but the store does not take lines");
            }
            check(store.isHealthy(), "a store that writes again says that it is not healthy");
            check(
                    everyLine(store).equals(acknowledged),
                    "after the full disk: " + acknowledged.size() + " lines expected");
        }
        try (LineStore store = SegmentLineStore.open(folder.resolve("lines"), SMALL)) {
            check(everyLine(store).equals(acknowledged), "after a restart: " + acknowledged.size() + " lines expected");
        }
    }

    private void appendUntilFull(LineStore store) throws Exception {
        for (int batch = 0; batch < MAX_BATCHES; batch++) {
            if (!append(store)) {
                return;
            }
        }
        throw new IllegalStateException("the disk did not become full");
    }

    /** A batch that was refused is sent again, as an agent does. */
    private boolean append(LineStore store) throws Exception {
        String lines = LineStoreContract.incompressible(random, LINES, LINE_BYTES);
        try {
            store.append(NODE, LineStoreContract.batch(SOURCE, offset, lines), Instant.now())
                    .get(30, TimeUnit.SECONDS);
            acknowledged.addAll(lines.lines().toList());
            offset += lines.length();
            return true;
        } catch (ExecutionException full) {
            return false;
        }
    }

    private static List<String> everyLine(LineStore store) throws Exception {
        List<String> lines = new ArrayList<>();
        Optional<Long> before = Optional.empty();
        while (true) {
            LineQuery newest = LineQuery.newest(LineQuery.MAX_LIMIT);
            FoundLines page = store.search(before.map(newest::before).orElse(newest));
            if (page.lines().isEmpty()) {
                return lines;
            }
            lines.addAll(
                    0, page.lines().stream().map(line -> line.line().text()).toList());
            before = Optional.of(page.lines().get(0).id());
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
