package io.farrier.metric;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Prometheus' text exposition format, version 0.0.4. */
public final class PrometheusText {
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private PrometheusText() {}

    /** Adds {@code farrier_metric_series_dropped} where a metric had more series than it may show. */
    public static String render(List<Metric> metrics) {
        StringBuilder text = new StringBuilder();
        metrics.forEach(metric -> append(text, metric));
        Metric.Builder dropped = Metric.gauges(
                "farrier_metric_series_dropped", "Series that were not shown because a metric had too many.");
        metrics.stream()
                .filter(metric -> metric.dropped() > 0)
                .forEach(metric -> dropped.add(Map.of("metric", metric.name()), metric.dropped()));
        append(text, dropped.build());
        return text.toString();
    }

    private static void append(StringBuilder text, Metric metric) {
        text.append("# HELP ")
                .append(metric.name())
                .append(' ')
                .append(helpText(metric.help()))
                .append('\n');
        text.append("# TYPE ")
                .append(metric.name())
                .append(' ')
                .append(metric.kind().name().toLowerCase(Locale.ROOT))
                .append('\n');
        for (Metric.Series series : metric.series()) {
            text.append(metric.name()).append(labels(series.labels())).append(' ');
            text.append(number(series.value())).append('\n');
        }
    }

    private static String labels(Map<String, String> labels) {
        if (labels.isEmpty()) {
            return "";
        }
        return new TreeMap<>(labels)
                .entrySet().stream()
                        .map(label -> label.getKey() + "=\"" + labelValue(label.getValue()) + "\"")
                        .collect(Collectors.joining(",", "{", "}"));
    }

    private static String helpText(String help) {
        return help.replace("\\", "\\\\").replace("\n", "\\n");
    }

    /** The format escapes three characters; other control characters could only harm a terminal and are replaced. */
    private static String labelValue(String value) {
        StringBuilder safe = new StringBuilder();
        value.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> safe.append("\\\\");
                case '"' -> safe.append("\\\"");
                case '\n' -> safe.append("\\n");
                default -> safe.appendCodePoint(isHarmless(c) ? c : 0xFFFD);
            }
        });
        return safe.toString();
    }

    private static boolean isHarmless(int c) {
        return !Character.isISOControl(c)
                && Character.getType(c) != Character.FORMAT
                && Character.getType(c) != Character.SURROGATE;
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return Double.toString(value);
    }
}
