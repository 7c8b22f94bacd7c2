package io.farrier.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.plan.Change;
import io.farrier.plan.Claim;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import io.farrier.plan.FileState;
import io.farrier.plan.Outcome;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** How the ledger's values are written as JSON, and read again. */
final class Form {
    private Form() {}

    static ObjectNode of(Ownership ownership) {
        ObjectNode node = object();
        node.put("resource", ownership.resource().value());
        node.set("claims", array(ownership.claims(), Form::of));
        ObjectNode files = node.putObject("files");
        ownership.files().forEach((path, touched) -> files.set(path.toString(), of(touched)));
        return node;
    }

    static Ownership ownership(JsonNode node) {
        TreeMap<Path, Ownership.Touched> files = new TreeMap<>();
        node.required("files")
                .properties()
                .forEach(file -> files.put(Path.of(file.getKey()), touched(file.getValue())));
        return new Ownership(
                new ResourceName(text(node, "resource")),
                new TreeSet<>(list(node.required("claims"), Form::claim)),
                files);
    }

    private static JsonNode of(Ownership.Touched touched) {
        ObjectNode node = object().put("written", touched.written());
        touched.original().ifPresent(original -> node.set("original", of(original)));
        return node;
    }

    private static Ownership.Touched touched(JsonNode node) {
        return new Ownership.Touched(
                node.has("original") ? Optional.of(state(node.required("original"))) : Optional.empty(),
                text(node, "written"));
    }

    private static JsonNode of(Claim claim) {
        ObjectNode node = object().put("kind", claim.kind().name())
                .put("path", claim.path().toString())
                .put("key", claim.key())
                .put("value", claim.value());
        claim.before().ifPresent(before -> node.put("before", before));
        return node;
    }

    private static Claim claim(JsonNode node) {
        return new Claim(
                Claim.Kind.valueOf(text(node, "kind")),
                Path.of(text(node, "path")),
                text(node, "key"),
                text(node, "value"),
                Optional.ofNullable(node.get("before")).map(JsonNode::asText));
    }

    private static JsonNode of(FileState state) {
        return state.isAbsent()
                ? object()
                : object().put("mode", state.mode())
                        .put("base64", Base64.getEncoder().encodeToString(state.content()));
    }

    private static FileState state(JsonNode node) {
        return node.has("base64")
                ? FileState.of(
                        Base64.getDecoder().decode(text(node, "base64")),
                        node.required("mode").asInt())
                : FileState.ABSENT;
    }

    private static JsonNode of(Edit edit) {
        ObjectNode node = object().put("path", edit.path().toString());
        node.put("phase", edit.phase().name());
        node.set("before", of(edit.before()));
        node.set("after", of(edit.after()));
        edit.back().ifPresent(back -> node.set("back", of(back)));
        return node;
    }

    private static Edit edit(JsonNode node) {
        return new Edit(
                Path.of(text(node, "path")),
                state(node.required("before")),
                state(node.required("after")),
                Edit.Phase.valueOf(text(node, "phase")),
                Optional.ofNullable(node.get("back")).map(Form::state));
    }

    static ObjectNode of(By by) {
        return object().put("who", by.who())
                .put("verb", by.verb())
                .put("version", by.version())
                .put("configuration", by.configuration());
    }

    private static By by(JsonNode node) {
        return new By(text(node, "who"), text(node, "verb"), text(node, "version"), text(node, "configuration"));
    }

    static ObjectNode of(OpenChange change) {
        ObjectNode node = object().put("id", change.id()).put("at", change.at().toString());
        node.set("by", of(change.by()));
        node.set("edits", array(change.edits(), Form::of));
        node.set("after", array(change.after(), Form::of));
        node.set("folders", array(change.folders(), Form::word));
        node.set("daemons", array(change.daemons(), Form::word));
        change.committed().ifPresent(line -> node.put("committed", line));
        return node;
    }

    static OpenChange openChange(JsonNode node) {
        return new OpenChange(
                text(node, "id"),
                by(node.required("by")),
                Instant.parse(text(node, "at")),
                list(node.required("edits"), Form::edit),
                list(node.required("after"), Form::ownership),
                list(node.required("folders"), word -> Path.of(word.asText())),
                list(node.required("daemons"), word -> new DaemonName(word.asText())),
                Optional.ofNullable(node.get("committed")).map(JsonNode::asText));
    }

    static ObjectNode of(Released released) {
        ObjectNode node = object().put("at", released.at().toString());
        node.set("by", of(released.by()));
        return node;
    }

    static Released released(JsonNode node) {
        return new Released(Instant.parse(text(node, "at")), by(node.required("by")));
    }

    static ObjectNode of(Settled settled) {
        ObjectNode node = object().put("version", settled.version()).put("configuration", settled.configuration());
        ObjectNode resources = node.putObject("resources");
        settled.resources()
                .forEach((name, left) -> resources
                        .putObject(name.value())
                        .put("stamp", left.stamp())
                        .put("plan", left.plan())
                        .put("held", left.isHeld()));
        return node;
    }

    static Settled settled(JsonNode node) {
        SortedMap<ResourceName, Settled.Left> resources = new TreeMap<>();
        node.required("resources")
                .properties()
                .forEach(entry -> resources.put(
                        new ResourceName(entry.getKey()),
                        new Settled.Left(
                                text(entry.getValue(), "stamp"),
                                text(entry.getValue(), "plan"),
                                entry.getValue().required("held").asBoolean())));
        return new Settled(text(node, "version"), text(node, "configuration"), resources);
    }

    /** For the auditor, in the words of the feed. */
    static ObjectNode history(String id, Instant at, By by, List<Outcome> outcomes) {
        ObjectNode node = object().put("id", id).put("at", at.toString());
        node.set("by", of(by));
        node.set("outcomes", array(outcomes, Form::of));
        return node;
    }

    /** No content. */
    static ArrayNode fingerprints(List<Edit> edits) {
        return array(
                edits,
                edit -> object().put("path", edit.path().toString())
                        .put("before", edit.before().fingerprint())
                        .put("after", edit.after().fingerprint()));
    }

    /** Whatever the time; where nothing was done, only what is held back anew would be news. */
    static boolean saysTheSame(JsonNode said, Outcome outcome) {
        ObjectNode now = of(outcome);
        if (outcome.result() == Outcome.Result.KEPT) {
            List<JsonNode> held = new ArrayList<>();
            said.path("withheld").forEach(held::add);
            return StreamSupport.stream(now.path("withheld").spliterator(), false)
                    .allMatch(held::contains);
        }
        return said.isObject() && ((ObjectNode) said).deepCopy().without("at").equals(now.without("at"));
    }

    private static ObjectNode of(Outcome outcome) {
        ObjectNode node =
                object().put("resource", outcome.resource().value()).put("result", lowerCase(outcome.result()));
        node.set("done", array(outcome.done(), Form::of));
        node.set("withheld", array(outcome.withheld(), Form::of));
        outcome.reason()
                .ifPresent(reason -> node.putObject("reason")
                        .put("tried", reason.tried())
                        .put("saw", reason.saw())
                        .put("todo", reason.todo()));
        return node.put("at", outcome.at().toString());
    }

    private static JsonNode of(Withheld withheld) {
        ObjectNode node = object().put("because", withheld.because());
        node.set("change", of(withheld.change()));
        node.set("would_stop", array(withheld.wouldStop(), Form::word));
        return node;
    }

    private static JsonNode of(Change change) {
        ObjectNode node = object().put("kind", lowerCase(change.kind())).put("key", change.key());
        change.before().ifPresent(before -> node.put("before", before));
        change.after().ifPresent(after -> node.put("after", after));
        change.about().ifPresent(about -> node.put("about", about.value()));
        change.consequence()
                .ifPresent(cost -> node.putObject("consequence")
                        .put("daemon", cost.daemon().value())
                        .put("action", lowerCase(cost.action()))
                        .put("because", cost.because()));
        return node;
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static JsonNode word(Object value) {
        return JsonNodeFactory.instance.textNode(value.toString());
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static <T> ArrayNode array(Iterable<T> values, Function<T, JsonNode> form) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        values.forEach(value -> array.add(form.apply(value)));
        return array;
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> parse) {
        List<T> values = new ArrayList<>();
        array.forEach(element -> values.add(parse.apply(element)));
        return values;
    }

    private static String text(JsonNode node, String key) {
        return node.required(key).asText();
    }
}
