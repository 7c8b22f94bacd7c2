package io.farrier.feed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.finding.Finding;
import io.farrier.finding.FindingKey;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Reason;
import io.farrier.plan.Withheld;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.NodeSample;
import io.farrier.sample.RegistryStatus;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is known, as the {@code data} of an {@link Frame.Event}. Field names are stable and in snake_case, instants are
 * ISO-8601 in UTC, enums are lower-case words; what is absent is left out. {@code feed.md} lists them.
 */
public final class Facts {
    /** Keeps one container below about 2 KiB, so that a full node's table fits a frame. */
    private static final int MAX_LABELS = 32;

    private static final int MAX_LABEL_TEXT = 128;

    /** Foreign words in a fact: error texts, remedies. */
    private static final int MAX_TEXT = 4 << 10;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Facts() {}

    /**
     * The state of a node.
     *
     * @param version of the agent
     * @param mode {@code observe}, {@code keep} or {@code off}
     * @param runtime empty when the node has none that is known
     * @param sample empty when the vitals could not be read
     */
    public record NodeFacts(
            String version,
            String os,
            String kernel,
            String mode,
            Optional<RuntimeFacts> runtime,
            Optional<NodeSample> sample) {}

    /** A runtime and whether it answers; name and version are the last known ones. */
    public record RuntimeFacts(String name, String version, boolean reachable) {}

    public static JsonNode node(NodeFacts node) {
        ObjectNode json = JSON.objectNode();
        json.put("version", node.version());
        json.put("os", node.os());
        json.put("kernel", node.kernel());
        json.put("mode", node.mode());
        node.runtime().ifPresent(runtime -> json.set("runtime", runtime(runtime)));
        node.sample().ifPresent(sample -> json.set("sample", sample(sample)));
        return json;
    }

    public static JsonNode containers(List<ContainerSample> containers) {
        return listed("containers", containers, Facts::container);
    }

    public static JsonNode images(List<ImageStatus> images) {
        return listed("images", images, Facts::image);
    }

    public static JsonNode registries(List<RegistryStatus> registries) {
        return listed("registries", registries, Facts::registry);
    }

    public static JsonNode findings(List<Finding> findings) {
        return listed("findings", findings, Facts::finding);
    }

    public static JsonNode outcome(Outcome outcome) {
        ObjectNode json = JSON.objectNode();
        json.put("resource", outcome.resource().value());
        json.put("result", word(outcome.result()));
        json.set("done", array(outcome.done(), Facts::change));
        json.set("withheld", array(outcome.withheld(), Facts::withheld));
        outcome.reason().ifPresent(reason -> json.set("reason", reason(reason)));
        json.put("at", outcome.at().toString());
        return json;
    }

    public static JsonNode outcomes(List<Outcome> outcomes) {
        return listed("outcomes", outcomes, Facts::outcome);
    }

    /** What would change: {@code {noop, files: [{resource, changes, withheld, refusal}]}}. */
    public static JsonNode plan(NodePlan plan) {
        ObjectNode json = JSON.objectNode();
        json.put("noop", plan.isNoop());
        json.set("files", array(plan.files(), Facts::file));
        return json;
    }

    private static JsonNode file(FilePlan file) {
        ObjectNode json = JSON.objectNode();
        json.put("resource", file.resource().value());
        json.set("changes", array(file.changes(), Facts::change));
        json.set("withheld", array(file.withheld(), Facts::withheld));
        file.refusal().ifPresent(reason -> json.set("refusal", reason(reason)));
        if (!file.remarks().isEmpty()) {
            ArrayNode remarks = json.putArray("remarks");
            file.remarks().forEach(remark -> remarks.add(text(remark)));
        }
        return json;
    }

    private static JsonNode reason(Reason reason) {
        ObjectNode json = JSON.objectNode();
        json.put("tried", text(reason.tried()));
        json.put("saw", text(reason.saw()));
        json.put("todo", text(reason.todo()));
        return json;
    }

    private static JsonNode runtime(RuntimeFacts runtime) {
        ObjectNode json = JSON.objectNode();
        json.put("name", runtime.name());
        json.put("version", runtime.version());
        json.put("reachable", runtime.reachable());
        return json;
    }

    private static JsonNode sample(NodeSample sample) {
        ObjectNode json = JSON.objectNode();
        json.put("cores", sample.cores());
        json.put("cpu_percent", sample.cpuPercent());
        json.put("load1", sample.load1());
        json.put("load5", sample.load5());
        json.put("load15", sample.load15());
        json.put("memory_total_bytes", sample.memoryTotalBytes());
        json.put("memory_available_bytes", sample.memoryAvailableBytes());
        json.put("swap_total_bytes", sample.swapTotalBytes());
        json.put("swap_used_bytes", sample.swapUsedBytes());
        json.put("uptime_seconds", sample.uptimeSeconds());
        json.set("disks", array(sample.disks(), Facts::disk));
        return json;
    }

    private static JsonNode disk(NodeSample.Disk disk) {
        ObjectNode json = JSON.objectNode();
        json.put("mount", disk.mount());
        json.put("total_bytes", disk.totalBytes());
        json.put("free_bytes", disk.freeBytes());
        json.put("inodes_total", disk.inodesTotal());
        json.put("inodes_free", disk.inodesFree());
        return json;
    }

    private static JsonNode container(ContainerSample container) {
        ObjectNode json = JSON.objectNode();
        json.put("id", container.id());
        json.put("name", container.name());
        json.put("image", container.image());
        json.put("state", word(container.state()));
        putInstant(json, "started_at", container.startedAt());
        putInstant(json, "finished_at", container.finishedAt());
        json.put("exit_code", container.exitCode());
        json.put("oom_killed", container.oomKilled());
        json.put("restarts", container.restarts());
        json.put("health", word(container.health()));
        putPresent(json, "pod", container.pod());
        putPresent(json, "role", container.role());
        putPresent(json, "log_path", container.logPath());
        json.set("labels", labels(container.labels()));
        return json;
    }

    private static JsonNode labels(Map<String, String> labels) {
        ObjectNode json = JSON.objectNode();
        new TreeMap<>(labels)
                .entrySet().stream()
                        .limit(MAX_LABELS)
                        .forEach(label ->
                                json.put(cut(label.getKey(), MAX_LABEL_TEXT), cut(label.getValue(), MAX_LABEL_TEXT)));
        return json;
    }

    private static JsonNode image(ImageStatus image) {
        ObjectNode json = JSON.objectNode();
        json.put("reference", image.reference());
        json.put("state", word(image.state()));
        image.imageId().ifPresent(id -> json.put("image_id", id));
        image.digest().ifPresent(digest -> json.put("digest", digest));
        json.put("size_bytes", image.sizeBytes());
        json.put("reason", text(image.reason()));
        return json;
    }

    private static JsonNode registry(RegistryStatus registry) {
        ObjectNode json = JSON.objectNode();
        json.put("host", registry.host());
        json.put("trust", word(registry.trust()));
        json.put("insecure", registry.insecure());
        json.put("verdict", text(registry.verdict()));
        registry.caExpires().ifPresent(expires -> json.put("ca_expires", expires));
        return json;
    }

    private static JsonNode finding(Finding finding) {
        ObjectNode json = key(finding.key());
        json.put("severity", word(finding.severity()));
        json.put("title", text(finding.title()));
        json.put("detail", text(finding.detail()));
        finding.remedy().ifPresent(remedy -> {
            ObjectNode way = json.putObject("remedy");
            way.put("sentence", text(remedy.sentence()));
            remedy.command().ifPresent(command -> way.put("command", text(command)));
        });
        json.set("causes", array(finding.causes().stream().sorted().toList(), Facts::key));
        json.put("since", finding.since().toString());
        return json;
    }

    private static ObjectNode key(FindingKey key) {
        ObjectNode json = JSON.objectNode();
        json.put("code", key.code());
        json.put("about", key.about());
        return json;
    }

    private static JsonNode change(Change change) {
        ObjectNode json = JSON.objectNode();
        json.put("kind", word(change.kind()));
        json.put("key", change.key());
        change.before().ifPresent(before -> json.put("before", text(before)));
        change.after().ifPresent(after -> json.put("after", text(after)));
        change.about().ifPresent(about -> json.put("about", about.value()));
        change.consequence().ifPresent(consequence -> {
            ObjectNode cost = json.putObject("consequence");
            cost.put("daemon", consequence.daemon().value());
            cost.put("action", word(consequence.action()));
            cost.put("because", text(consequence.because()));
        });
        return json;
    }

    private static JsonNode withheld(Withheld withheld) {
        ObjectNode json = JSON.objectNode();
        json.set("change", change(withheld.change()));
        json.put("because", text(withheld.because()));
        json.set("would_stop", array(withheld.wouldStop(), JSON::textNode));
        return json;
    }

    private static <T> JsonNode listed(String field, List<T> values, Function<T, JsonNode> encode) {
        ObjectNode json = JSON.objectNode();
        json.set(field, array(values, encode));
        return json;
    }

    private static <T> ArrayNode array(Collection<T> values, Function<T, ? extends JsonNode> encode) {
        ArrayNode array = JSON.arrayNode(values.size());
        values.forEach(value -> array.add(encode.apply(value)));
        return array;
    }

    private static void putInstant(ObjectNode json, String field, Optional<Instant> instant) {
        instant.ifPresent(at -> json.put(field, at.toString()));
    }

    private static void putPresent(ObjectNode json, String field, @Nullable String value) {
        if (value != null) {
            json.put(field, value);
        }
    }

    private static String text(String foreign) {
        return cut(foreign, MAX_TEXT);
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max - 1) + "…";
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
