package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.collector.identity.NodeName;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines that become blocks of many small files at once. */
final class FoldedLineStoreTest extends LineStoreContract {
    static final StoreLimits TINY = new StoreLimits(64, 1, 4 << 20, 1 << 20, 512, Duration.ofHours(24));

    @Override
    LineStore openStore(Path where) throws Exception {
        return SegmentLineStore.open(where, TINY);
    }

    /** Blocks of several nodes hold ids of the same time: the one that is not searched may hold newer lines than those found. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void noPageMissesALineWhenTimeIsOver(long seed) throws Exception {
        Random random = new Random(seed);
        List<NodeName> nodes = List.of(NODE, new NodeName("worker-2"), new NodeName("worker-3"));
        long[] ends = new long[nodes.size()];
        for (NodeName node : nodes) {
            store.open(node, new SourceOpened(SOURCE, Form.PLAIN, "etcd", Map.of()), NOW)
                    .get();
        }
        List<String> written = new ArrayList<>();
        for (int n = 0; n < 300; n++) {
            int node = random.nextInt(nodes.size());
            String line = "line " + n + "x".repeat(random.nextInt(40));
            store.append(nodes.get(node), batch(SOURCE, ends[node], line + "\n"), NOW)
                    .get();
            ends[node] += line.length() + 1;
            written.add(line);
        }

        for (String text : List.of("", "x", "line 1")) {
            LineQuery query = LineQuery.newest(1 + random.nextInt(50)).containing(text);
            assertThat(pagesCutOff(query, random, written.size()))
                    .containsExactlyElementsOf(
                            written.stream().filter(line -> line.contains(text)).toList());
        }
    }

    /** Oldest first; of each page a few blocks are searched. */
    private List<String> pagesCutOff(LineQuery query, Random random, int maxEmpty) throws Exception {
        List<String> found = new ArrayList<>();
        Optional<Long> next = Optional.of(Long.MAX_VALUE);
        int empty = 0;
        while (next.isPresent()) {
            AtomicInteger blocks = new AtomicInteger(random.nextInt(8));
            FoundLines page =
                    ((SegmentLineStore) store).search(query.before(next.get()), () -> blocks.getAndDecrement() <= 0);
            found.addAll(
                    0, page.lines().stream().map(line -> line.line().text()).toList());
            assertThat(page.complete() || page.next().isPresent()).isTrue();
            empty += page.lines().isEmpty() ? 1 : 0;
            assertThat(empty).as("pages without a line").isLessThan(maxEmpty);
            next = page.next();
        }
        return found;
    }

    @Test
    void ofLongLinesAPageHoldsFewerAndMissesNone() throws Exception {
        String half = "x".repeat(512 << 10);
        for (int n = 0; n < 80; n++) {
            append(SOURCE, n * (1L << 20), n + half + "\n");
        }

        List<String> found = new ArrayList<>();
        FoundLines page = store.search(LineQuery.newest(100));
        assertThat(page.lines()).hasSizeBetween(60, 64);
        page.lines().forEach(line -> found.add(numberOf(line)));
        page = store.search(LineQuery.newest(100).before(page.next().orElseThrow()));
        assertThat(page.next()).isEmpty();
        found.addAll(0, page.lines().stream().map(FoldedLineStoreTest::numberOf).toList());

        assertThat(found)
                .containsExactlyElementsOf(
                        IntStream.range(0, 80).mapToObj(Integer::toString).toList());
    }

    private static String numberOf(StoredLine line) {
        return line.line().text().replace("x", "");
    }

    @Test
    void retentionDropsTheOldestWhenThereIsTooMuch() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            append(SOURCE, i * 60_000L, incompressible(random, 1000, 60));
        }
        append(SOURCE, 3_000_000, "last\n");
        long before = store.totals().usedBytes();

        store.retain(new Retention(365, before / 2), NOW);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(store.totals().usedBytes()).isLessThanOrEqualTo(before / 2));

        assertThat(texts(LineQuery.newest(1))).containsExactly("last");
    }

    @Test
    void aNodeThatFloodsEvictsItsOwnLinesAndNoOther() throws Exception {
        NodeName quiet = new NodeName("quiet");
        store.open(quiet, new SourceOpened(SOURCE, Form.PLAIN, "etcd", Map.of()), NOW)
                .get();
        store.append(quiet, batch(SOURCE, 0, "evidence\n"), NOW).get();
        Random random = new Random(2);
        for (int i = 0; i < 40; i++) {
            append(SOURCE, i * 60_000L, incompressible(random, 1000, 60));
        }

        store.retain(new Retention(365, 200_000), NOW);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(store.totals().usedBytes()).isLessThanOrEqualTo(200_000));

        assertThat(texts(LineQuery.newest(10).of(quiet))).containsExactly("evidence");
        assertThat(texts(LineQuery.newest(5_000).of(NODE))).isNotEmpty().hasSizeLessThan(4_000);
    }
}
