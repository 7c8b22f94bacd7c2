package io.farrier.images.extract;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A Helm chart whose templates are read and not run. An {@code image:} line is understood when all it needs is written
 * down: values by their path, the chart's version, {@code default}, {@code quote}, and Rancher's own helper that puts the
 * system default registry before a name. Everything else is for Helm.
 */
final class Chart {
    private static final Pattern IMAGE_LINE = Pattern.compile("^\\s*(?:-\\s+)?image:\\s*(\\S.*?)\\s*$");
    private static final Pattern ACTION = Pattern.compile("\\{\\{-?\\s*(.*?)\\s*-?\\}\\}");
    private static final Pattern VALUE = Pattern.compile("(?:\\$?\\.Values)((?:\\.[A-Za-z0-9_-]+)+)");
    private static final Pattern CHART_VALUE = Pattern.compile("\\$?\\.Chart\\.(AppVersion|Version)");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");
    private static final Pattern DEFAULT = Pattern.compile("default\\s+(\\S+)(?:\\s+(\\S+))?");

    /** rancher/charts: {@code {{- if .Values.global.cattle.systemDefaultRegistry -}}REGISTRY/{{- end -}}}. */
    private static final Pattern SYSTEM_DEFAULT_REGISTRY =
            Pattern.compile("(?:template|include) \"(?:[a-z.-]*\\.)?system_default_registry\" \\.");

    private final Map<?, ?> values;
    private final Map<?, ?> chart;

    private Chart(Map<?, ?> values, Map<?, ?> chart) {
        this.values = values;
        this.chart = chart;
    }

    /** By the folder that holds Chart.yaml, with its slash; empty for the top. */
    static Map<String, Chart> in(Map<String, byte[]> files) {
        Map<String, Chart> charts = new HashMap<>();
        files.forEach((name, bytes) -> {
            if (name.equals("Chart.yaml") || name.endsWith("/Chart.yaml")) {
                String folder = name.substring(0, name.length() - "Chart.yaml".length());
                charts.put(folder, new Chart(map(files.get(folder + "values.yaml")), map(bytes)));
            }
        });
        return charts;
    }

    /** The chart a file belongs to: the innermost, because charts hold charts. */
    static @Nullable Chart of(String file, Map<String, Chart> charts) {
        Chart best = null;
        int length = -1;
        for (Map.Entry<String, Chart> each : charts.entrySet()) {
            if (file.startsWith(each.getKey()) && each.getKey().length() > length) {
                best = each.getValue();
                length = each.getKey().length();
            }
        }
        return best;
    }

    private static Map<?, ?> map(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Map.of();
        }
        try {
            return YamlImages.loader().load(new String(bytes, UTF_8)) instanceof Map<?, ?> map ? map : Map.of();
        } catch (YAMLException listedWhenItIsRead) {
            return Map.of();
        }
    }

    void takeValues(String where, String text, Extracted extracted) {
        String hint = Optional.ofNullable(chart.get("appVersion"))
                .map(version -> " (its appVersion is " + version + ")")
                .orElse("");
        new YamlImages(extracted, hint).take(where, text);
    }

    void takeTemplate(String where, String text, Extracted extracted) {
        String[] lines = text.split("\n", -1);
        for (int at = 0; at < lines.length; at++) {
            Matcher line = IMAGE_LINE.matcher(lines[at]);
            if (line.matches()) {
                image(where + ":" + (at + 1), line.group(1), extracted);
            }
        }
    }

    private void image(String where, String text, Extracted extracted) {
        Optional<String> rendered = rendered(text);
        if (rendered.isPresent() && !rendered.get().isBlank()) {
            extracted.found(where, rendered.get());
        } else {
            extracted.unresolved(where, text, "only Helm can render it");
        }
    }

    /** Empty when a part of it is beyond us. */
    private Optional<String> rendered(String text) {
        StringBuilder result = new StringBuilder();
        Matcher action = ACTION.matcher(withoutComment(text));
        while (action.find()) {
            Optional<String> value = value(action.group(1));
            if (value.isEmpty()) {
                return Optional.empty();
            }
            action.appendReplacement(result, Matcher.quoteReplacement(value.get()));
        }
        action.appendTail(result);
        String plain = result.toString().strip();
        boolean isWhole = !plain.contains("{{") && !plain.endsWith(":") && !plain.startsWith("/");
        return isWhole ? Optional.of(unquoted(plain)) : Optional.empty();
    }

    private static String withoutComment(String text) {
        int comment = text.indexOf(" #");
        return comment < 0 ? text : text.substring(0, comment);
    }

    private static String unquoted(String text) {
        return text.replaceAll("^[\"']|[\"']$", "");
    }

    private Optional<String> value(String action) {
        if (SYSTEM_DEFAULT_REGISTRY.matcher(action).matches()) {
            return Optional.of(lookup("global", "cattle", "systemDefaultRegistry")
                    .filter(registry -> !registry.isBlank())
                    .map(registry -> registry + "/")
                    .orElse(""));
        }
        String[] steps = action.split("\\s*\\|\\s*");
        Optional<String> value = first(steps[0]);
        for (int i = 1; i < steps.length; i++) {
            Matcher byDefault = DEFAULT.matcher(steps[i]);
            if (byDefault.matches() && byDefault.group(2) == null) {
                value = value.filter(text -> !text.isEmpty()).or(() -> operand(byDefault.group(1)));
            } else if (!steps[i].equals("quote") && !steps[i].equals("toString") && !steps[i].startsWith("trim")) {
                return Optional.empty();
            }
        }
        return value.filter(text -> !text.isEmpty());
    }

    private Optional<String> first(String step) {
        Matcher byDefault = DEFAULT.matcher(step);
        if (byDefault.matches() && byDefault.group(2) != null) {
            return operand(byDefault.group(2)).filter(text -> !text.isEmpty()).or(() -> operand(byDefault.group(1)));
        }
        return operand(step);
    }

    private Optional<String> operand(String text) {
        Matcher value = VALUE.matcher(text);
        if (value.matches()) {
            return lookup(value.group(1).substring(1).split("\\."));
        }
        Matcher ofChart = CHART_VALUE.matcher(text);
        if (ofChart.matches()) {
            String key = ofChart.group(1).equals("AppVersion") ? "appVersion" : "version";
            return Optional.ofNullable(chart.get(key)).map(String::valueOf);
        }
        Matcher quoted = QUOTED.matcher(text);
        return quoted.matches() ? Optional.of(quoted.group(1)) : Optional.empty();
    }

    private Optional<String> lookup(String... path) {
        Object at = values;
        for (String key : path) {
            at = at instanceof Map<?, ?> map ? map.get(key) : null;
        }
        boolean isScalar = at instanceof String || at instanceof Number;
        return isScalar ? Optional.of(String.valueOf(at)) : Optional.empty();
    }
}
