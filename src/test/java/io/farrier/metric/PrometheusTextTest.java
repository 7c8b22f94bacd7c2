package io.farrier.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PrometheusTextTest {
    @Test
    void writesHelpTypeAndValue() {
        assertThat(PrometheusText.render(List.of(Metric.counter("a_total", "All \\ of\nthem.", 3))))
                .startsWith("# HELP a_total All \\\\ of\\nthem.\n# TYPE a_total counter\na_total 3\n");
    }

    @Test
    void foreignLabelValuesCannotBreakOutOfTheirQuotes() {
        Metric metric = Metric.gauges("g", "h")
                .add(Map.of("node", "a\"} 1\nevil \\"), 0.5)
                .build();

        assertThat(PrometheusText.render(List.of(metric))).contains("g{node=\"a\\\"} 1\\nevil \\\\\"} 0.5\n");
    }

    @Test
    void foreignLabelValuesCannotSpeakToATerminal() {
        Metric metric = Metric.gauges("g", "h")
                .add(Map.of("n", "\u001b]52;\u202e\u009b"), 1)
                .build();

        assertThat(PrometheusText.render(List.of(metric))).doesNotContain("\u001b", "\u202e", "\u009b");
    }

    @Test
    void seriesAreBoundedAndWhatIsLeftOutIsCounted() {
        Metric.Builder builder = Metric.gauges("g", "h");
        for (int i = 0; i < Metric.MAX_SERIES + 7; i++) {
            builder.add(Map.of("node", "n" + i), 1);
        }
        Metric metric = builder.build();

        assertThat(metric.series()).hasSize(Metric.MAX_SERIES);
        assertThat(PrometheusText.render(List.of(metric))).contains("farrier_metric_series_dropped{metric=\"g\"} 7\n");
    }

    @Test
    void longLabelValuesAreCut() {
        Metric metric =
                Metric.gauges("g", "h").add(Map.of("n", "x".repeat(1000)), 1).build();

        assertThat(metric.series().get(0).labels().get("n")).hasSize(Metric.MAX_LABEL_LENGTH);
    }

    @Test
    void namesAreThePrograms() {
        assertThatThrownBy(() -> Metric.counter("no good", "h", 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
