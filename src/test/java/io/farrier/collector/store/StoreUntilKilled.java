package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** Appends numbered lines from an offset on and prints how far each acknowledged batch goes, until it is killed. */
final class StoreUntilKilled {
    static final NodeName NODE = new NodeName("victim");
    static final SourceId SOURCE = new SourceId("file");
    static final int LINE_BYTES = 16;

    private static final StoreLimits FOLDING =
            new StoreLimits(1 << 10, 4 << 10, 64 << 10, 2 << 10, 8 << 10, Duration.ofHours(24));

    private static final int LINES_IN_BATCH = 25;
    private static final int UNDER_WAY = 20;

    private StoreUntilKilled() {}

    public static void main(String[] arguments) throws Exception {
        LineStore store = open(Path.of(arguments[0]), Boolean.parseBoolean(arguments[1]));
        store.open(NODE, new SourceOpened(SOURCE, Form.PLAIN, "c", Map.of()), Instant.now())
                .get();
        Semaphore free = new Semaphore(UNDER_WAY);
        for (long line = Long.parseLong(arguments[2]); ; line += LINES_IN_BATCH) {
            free.acquire();
            long to = (line + LINES_IN_BATCH) * LINE_BYTES;
            store.append(NODE, LineStoreContract.batch(SOURCE, line * LINE_BYTES, lines(line)), Instant.now())
                    .thenRun(() -> {
                        System.out.println(to);
                        free.release();
                    });
        }
    }

    static LineStore open(Path folder, boolean folding) throws IOException {
        return SegmentLineStore.open(folder, folding ? FOLDING : StoreLimits.PRODUCT);
    }

    static String line(long number) {
        return String.format("line %010d", number);
    }

    private static String lines(long first) {
        StringBuilder lines = new StringBuilder();
        for (long line = first; line < first + LINES_IN_BATCH; line++) {
            lines.append(line(line)).append('\n');
        }
        return lines.toString();
    }
}
