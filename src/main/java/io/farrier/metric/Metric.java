package io.farrier.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One metric with all its series, at one moment. Names and label names are the program's own and checked; label values
 * may be foreign, so their length and their number are bounded.
 *
 * @param dropped series that did not fit {@link #MAX_SERIES}
 */
public record Metric(String name, String help, Kind kind, List<Series> series, int dropped) {
    public enum Kind {
        COUNTER,
        GAUGE
    }

    /** One number and the labels it belongs to. */
    public record Series(Map<String, String> labels, double value) {
        public Series {
            labels = Map.copyOf(labels);
        }
    }

    /** A fleet of 400 nodes with a handful of states each; a scrape stays below a megabyte. */
    public static final int MAX_SERIES = 2000;

    /** Longer values are cut: a label names something, it does not tell a story. */
    public static final int MAX_LABEL_LENGTH = 128;

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    public Metric {
        requireName(name);
        series = List.copyOf(series);
        series.forEach(one -> one.labels().keySet().forEach(Metric::requireName));
    }

    public static Metric counter(String name, String help, double value) {
        return new Metric(name, help, Kind.COUNTER, List.of(new Series(Map.of(), value)), 0);
    }

    public static Metric gauge(String name, String help, double value) {
        return new Metric(name, help, Kind.GAUGE, List.of(new Series(Map.of(), value)), 0);
    }

    public static Builder counters(String name, String help) {
        return new Builder(name, help, Kind.COUNTER);
    }

    public static Builder gauges(String name, String help) {
        return new Builder(name, help, Kind.GAUGE);
    }

    private static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a metric or label name: '" + name + "'");
        }
    }

    /** Collects the series of one metric; those beyond {@link #MAX_SERIES} are only counted. */
    public static final class Builder {
        private final String name;
        private final String help;
        private final Kind kind;
        private final Map<Map<String, String>, Double> values = new java.util.LinkedHashMap<>();
        private int dropped;

        private Builder(String name, String help, Kind kind) {
            this.name = name;
            this.help = help;
            this.kind = kind;
        }

        /** Series whose cut labels are equal are added up. */
        public Builder add(Map<String, String> labels, double value) {
            Map<String, String> bounded = bounded(labels);
            if (!values.containsKey(bounded) && values.size() >= MAX_SERIES) {
                dropped++;
                return this;
            }
            values.merge(bounded, value, Double::sum);
            return this;
        }

        public Metric build() {
            List<Series> series = new ArrayList<>();
            values.forEach((labels, value) -> series.add(new Series(labels, value)));
            return new Metric(name, help, kind, series, dropped);
        }

        private static Map<String, String> bounded(Map<String, String> labels) {
            Map<String, String> bounded = new TreeMap<>();
            labels.forEach((label, value) -> bounded.put(
                    label, value.length() > MAX_LABEL_LENGTH ? value.substring(0, MAX_LABEL_LENGTH) : value));
            return bounded;
        }
    }
}
