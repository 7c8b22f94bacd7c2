package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.CollectorConfig.Lines;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.SourceOpened;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines that a search finds in the journal. */
final class SegmentLineStoreTest extends LineStoreContract {
    @Override
    LineStore openStore(Path where) throws Exception {
        return SegmentLineStore.open(where);
    }

    @Test
    void aSearchWhoseTimeIsOverSaysThatItIsNotComplete(@TempDir Path folder) throws Exception {
        try (SegmentLineStore lines = SegmentLineStore.open(folder)) {
            byte[] text = "one\ntwo\n".getBytes(StandardCharsets.UTF_8);
            lines.open(NODE, new SourceOpened(SOURCE, Form.PLAIN, "etcd", Map.of()), NOW)
                    .get();
            lines.append(NODE, new LogBatch(SOURCE, 0, text.length, 2, ByteBuffer.wrap(text)), NOW)
                    .get();
            BooleanSupplier over = () -> true;
            LineQuery all = LineQuery.newest(10);
            Joining java = Joining.named("java", Lines.DEFAULT);

            assertThat(lines.search(all, over).complete()).isFalse();
            assertThat(lines.search(all, java, over).complete()).isFalse();
            assertThat(lines.search(all).complete()).isTrue();
            assertThat(lines.search(all).lines()).hasSize(2);
        }
    }
}
