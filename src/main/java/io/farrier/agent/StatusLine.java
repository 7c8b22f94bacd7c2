package io.farrier.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** {@code farrier status} in one line, for {@code systemctl status}: what rules, what runs, the worst that was found. */
final class StatusLine {
    private static final List<String> WORST_FIRST = List.of("critical", "error", "warning", "unknown", "info");

    private StatusLine() {}

    /** @param status of {@link Agent#status()} */
    static String of(JsonNode status) {
        List<String> parts = new ArrayList<>();
        parts.add(brake(status));
        parts.add(runtime(status.path("runtime")));
        parts.add(findings(status.path("findings")));
        parts.add(status.at("/collector/connected").asBoolean() ? "collector connected" : "no collector connected");
        return Log.escaped(String.join("; ", parts));
    }

    private static String brake(JsonNode status) {
        if (status.has("paused")) {
            return "paused";
        }
        return status.has("safe_mode")
                ? "safe mode"
                : "mode " + status.path("mode").asText();
    }

    private static String runtime(JsonNode runtime) {
        if (runtime.isMissingNode()) {
            return "no container runtime seen yet";
        }
        String name =
                runtime.path("name").asText() + " " + runtime.path("version").asText();
        return runtime.path("reachable").asBoolean() ? name : name + " does not answer";
    }

    private static String findings(JsonNode findings) {
        if (findings.isEmpty()) {
            return "nothing found";
        }
        for (String severity : WORST_FIRST) {
            for (JsonNode finding : findings) {
                if (finding.path("severity").asText().equalsIgnoreCase(severity)) {
                    return findings.size()
                            + (findings.size() == 1 ? " finding: " : " findings, the worst: ")
                            + finding.path("title").asText();
                }
            }
        }
        return findings.size() + " findings";
    }
}
