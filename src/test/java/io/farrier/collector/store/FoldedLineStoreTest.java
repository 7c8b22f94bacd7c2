package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.collector.identity.NodeName;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Lines that become blocks of many small files at once. */
final class FoldedLineStoreTest extends LineStoreContract {
    static final StoreLimits TINY = new StoreLimits(64, 1, 4 << 20, 1 << 20, 512, Duration.ofHours(24));

    @Override
    LineStore openStore(Path where) throws Exception {
        return SegmentLineStore.open(where, TINY);
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
