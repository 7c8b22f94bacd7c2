package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.collector.identity.NodeName;
import io.farrier.metric.PrometheusText;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FeedIntakeTest {
    @Test
    void whoeverInventsNodesMakesNoMoreTimeSeriesAndHidesNoneThatWasThere() {
        List<NodeName> connected = IntStream.range(0, 5_000)
                .mapToObj(n -> new NodeName(n < 900 ? "worker-" + n : "a-invented-" + n))
                .toList();

        String metrics = PrometheusText.render(FeedIntake.named(connected));

        assertThat(metrics.lines().filter(line -> line.startsWith("farrier_collector_node_connected{")))
                .hasSize(FeedIntake.MAX_NODES_IN_METRICS)
                .filteredOn(line -> line.contains("worker-"))
                .hasSize(900);
        assertThat(metrics).contains("farrier_collector_nodes_not_listed 4000\n");
    }
}
