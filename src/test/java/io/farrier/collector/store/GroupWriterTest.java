package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GroupWriterTest {
    private static final int FLOOD = 40;
    private static final long BATCH_BYTES = 256 << 10;

    private final Paper paper = new Paper();
    private final GroupWriter<List<String>> writer = new GroupWriter<>("paper", paper);
    private final CountDownLatch go = new CountDownLatch(1);

    /** Writes wait behind the first one until the test lets them go. */
    @BeforeEach
    void theThreadIsBusy() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        writer.start();
        writer.submit(BATCH_BYTES * FLOOD, store -> {
            begun.countDown();
            awaitGo();
            return true;
        });
        begun.await();
    }

    @AfterEach
    void end() throws IOException {
        go.countDown();
        writer.close();
    }

    @Test
    void whoWritesLittleDoesNotWaitBehindWhoWritesMuch() {
        List<CompletableFuture<Boolean>> flood = IntStream.range(0, FLOOD)
                .mapToObj(i -> write("flood", "flood " + i))
                .toList();
        CompletableFuture<Boolean> quiet = write("quiet", "quiet");

        go.countDown();
        quiet.join();
        flood.forEach(CompletableFuture::join);

        assertThat(paper.written.indexOf("quiet")).isEqualTo(1);
        assertThat(paper.groupOf("quiet")).as("what is committed with it").hasSizeLessThan(FLOOD / 4);
    }

    @Test
    void eachKeepsItsOrder() {
        IntStream.range(0, 3).forEach(i -> write("a", "a" + i));
        CompletableFuture<Boolean> last = IntStream.range(0, 2)
                .mapToObj(i -> write("b", "b" + i))
                .toList()
                .get(1);
        CompletableFuture<Boolean> lastOfA = write("a", "a3");

        go.countDown();
        CompletableFuture.allOf(last, lastOfA).join();

        assertThat(paper.written).containsExactly("a0", "b0", "a1", "b1", "a2", "a3");
    }

    private CompletableFuture<Boolean> write(String whose, String line) {
        return writer.submit(whose, BATCH_BYTES, store -> store.add(line));
    }

    private void awaitGo() throws IOException {
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Remembers what was committed together. */
    private static final class Paper implements GroupWriter.Transactions<List<String>> {
        final List<String> written = new ArrayList<>();
        private final List<List<String>> groups = new ArrayList<>();
        private int committed;

        @Override
        public List<String> store() {
            return written;
        }

        @Override
        public void commit() {
            groups.add(List.copyOf(written.subList(committed, written.size())));
            committed = written.size();
        }

        @Override
        public void rollback() {}

        @Override
        public void close() {}

        List<String> groupOf(String line) {
            return groups.stream()
                    .filter(group -> group.contains(line))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
