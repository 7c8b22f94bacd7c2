package io.farrier.collector.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.FactStore;
import io.farrier.collector.store.FoundLosses;
import io.farrier.collector.store.Joining;
import io.farrier.collector.store.LineQuery;
import io.farrier.collector.store.LineStore;
import io.farrier.collector.store.NodeFacts;
import io.farrier.collector.store.SourceFacts;
import io.farrier.collector.store.StateSummary;
import io.farrier.collector.store.StoredEvent;
import io.farrier.collector.store.StoredLoss;
import io.farrier.config.CollectorConfig.Lines;
import io.farrier.feed.Frame.Progress;
import io.farrier.feed.Frame.Topic;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The JSON API. Fields are in snake_case, instants ISO-8601 in UTC; what is absent is left out. */
final class Api {
    static final String CONTENT_TYPE = "application/json; charset=utf-8";

    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final int DEFAULT_LINES = 200;
    private static final int MAX_LOSSES_SHOWN = 50;
    private static final int MAX_OUTCOMES_SHOWN = 50;
    private static final int MAX_SOURCES_SHOWN = 500;

    /** A search word; nobody types more. */
    private static final int MAX_QUERY_LENGTH = 256;

    /** The lists that are one field of one state. */
    private static final Map<String, Topic> LISTS = Map.of(
            "containers", Topic.CONTAINERS,
            "images", Topic.IMAGES,
            "registries", Topic.REGISTRIES,
            "findings", Topic.FINDINGS);

    private final FactStore facts;
    private final LineStore lines;
    private final Lines shown;
    private final Fleet fleet;
    private final QueryPool queries;
    private final Context context;
    private final Clock clock;

    /** @param shown how lines may be joined */
    Api(FactStore facts, LineStore lines, Lines shown, Fleet fleet, QueryPool queries, Context context, Clock clock) {
        this.facts = facts;
        this.lines = lines;
        this.shown = shown;
        this.fleet = fleet;
        this.queries = queries;
        this.context = context;
        this.clock = clock;
    }

    void mount(Router router) {
        router.get("/api/nodes").handler(this::nodes);
        router.get("/api/nodes/:node").handler(this::node);
        LISTS.forEach((list, topic) -> router.get("/api/" + list).handler(request -> list(request, list, topic)));
        router.get("/api/losses").handler(this::losses);
        router.get("/api/logs").handler(this::logs);
    }

    private void nodes(RoutingContext request) {
        answer(request, this::allNodes, json -> {
            json.withArray("nodes").forEach(node -> addLive((ObjectNode) node));
            json.put("refused", fleet.refused());
            ArrayNode refusals = json.putArray("refusals");
            fleet.refusals().forEach(refusal -> refusals.add(refusal(refusal)));
        });
    }

    private void node(RoutingContext request) {
        Optional<NodeName> name = nodeName(request, request.pathParam("node"));
        if (name.isPresent()) {
            answer(request, () -> oneNode(name.get()), this::addLive);
        }
    }

    private void list(RoutingContext request, String list, Topic topic) {
        Optional<String> asked = parameter(request, "node");
        if (asked.isEmpty()) {
            answer(request, () -> ofAllNodes(list, topic), json -> {});
            return;
        }
        Optional<NodeName> name = nodeName(request, asked.get());
        if (name.isPresent()) {
            answer(request, () -> ofOneNode(list, topic, name.get()), json -> {});
        }
    }

    private void losses(RoutingContext request) {
        Optional<NodeName> name = nodeName(request, parameter(request, "node").orElse(""));
        if (name.isEmpty()) {
            return;
        }
        Optional<Long> before;
        int limit;
        try {
            before = parameter(request, "before").map(value -> number("before", value));
            limit = limit(request);
        } catch (IllegalArgumentException e) {
            refuse(request, 400, String.valueOf(e.getMessage()));
            return;
        }
        if (limit < 1 || limit > LineStore.MAX_LOSSES) {
            refuse(request, 400, "limit is " + limit + "; expected 1 to " + LineStore.MAX_LOSSES);
            return;
        }
        answer(request, () -> lossesOf(name.get(), before, limit), json -> {});
    }

    private void logs(RoutingContext request) {
        LineQuery query;
        Optional<Joining> joining;
        try {
            query = lineQuery(request);
            joining = parameter(request, "join").map(name -> Joining.named(name, shown));
        } catch (IllegalArgumentException e) {
            refuse(request, 400, String.valueOf(e.getMessage()));
            return;
        }
        answer(request, () -> found(query, joining), json -> {});
    }

    private ObjectNode allNodes() throws IOException {
        Map<NodeName, ObjectNode> byName = new HashMap<>();
        ObjectNode json = Json.object();
        ArrayNode nodes = json.putArray("nodes");
        for (NodeFacts node : facts.nodes()) {
            ObjectNode one = json(node);
            byName.put(node.name(), one);
            nodes.add(one);
        }
        for (StateSummary summary : facts.summaries(Optional.empty())) {
            ObjectNode node = byName.get(summary.node());
            if (node != null) {
                addSummary(node, summary);
            }
        }
        json.put("time", clock.instant().toString());
        return json;
    }

    private ObjectNode oneNode(NodeName name) throws IOException {
        NodeFacts node = facts.node(name).orElseThrow(() -> new UnknownNodeException(name));
        ObjectNode json = json(node);
        for (StateSummary summary : facts.summaries(Optional.of(name))) {
            addSummary(json, summary);
        }
        for (Map.Entry<String, Topic> list : LISTS.entrySet()) {
            Optional<StoredEvent> state = facts.state(name, list.getValue());
            if (state.isPresent()) {
                json.set(list.getKey(), items(state.get(), list.getKey()));
            }
        }
        ArrayNode outcomes = json.putArray("outcomes");
        facts.history(name, MAX_OUTCOMES_SHOWN).forEach(event -> outcomes.add(withTimes(event)));
        addLosses(json, lines.losses(name, Optional.empty(), MAX_LOSSES_SHOWN));
        ArrayNode sources = json.putArray("sources");
        lines.sources(name).stream().limit(MAX_SOURCES_SHOWN).forEach(source -> sources.add(json(source)));
        json.put("time", clock.instant().toString());
        return json;
    }

    private ObjectNode ofAllNodes(String list, Topic topic) throws IOException {
        ObjectNode json = Json.object();
        ArrayNode all = json.putArray(list);
        var states = facts.states(topic);
        states.events().forEach(state -> all.addAll(items(state, list)));
        json.put("complete", states.complete());
        return json;
    }

    private ObjectNode ofOneNode(String list, Topic topic, NodeName name) throws IOException {
        if (facts.node(name).isEmpty()) {
            throw new UnknownNodeException(name);
        }
        ObjectNode json = Json.object();
        ArrayNode all = json.putArray(list);
        facts.state(name, topic).ifPresent(state -> all.addAll(items(state, list)));
        json.put("complete", true);
        return json;
    }

    private ObjectNode lossesOf(NodeName name, Optional<Long> before, int limit) throws IOException {
        if (facts.node(name).isEmpty()) {
            throw new UnknownNodeException(name);
        }
        ObjectNode json = Json.object();
        addLosses(json, lines.losses(name, before, limit));
        return json;
    }

    private ObjectNode found(LineQuery query, Optional<Joining> joining) throws IOException {
        var found = joining.isPresent() ? lines.search(query, joining.get()) : lines.search(query);
        ObjectNode json = Json.object();
        ArrayNode array = json.putArray("lines");
        found.lines().forEach(line -> array.add(LineJson.of(line)));
        json.put("complete", found.complete());
        found.next().ifPresent(next -> json.put("next", next));
        return json;
    }

    private static LineQuery lineQuery(RoutingContext request) {
        Optional<NodeName> node = parameter(request, "node").map(NodeName::new);
        String text = parameter(request, "q").orElse("");
        if (text.length() > MAX_QUERY_LENGTH) {
            throw new IllegalArgumentException("q is longer than " + MAX_QUERY_LENGTH + " characters");
        }
        return new LineQuery(
                node,
                parameter(request, "container"),
                text,
                parameter(request, "since").map(value -> instant("since", value)),
                parameter(request, "until").map(value -> instant("until", value)),
                parameter(request, "before").map(value -> number("before", value)),
                limit(request));
    }

    private static int limit(RoutingContext request) {
        return parameter(request, "limit")
                .map(value -> number("limit", value))
                .map(limit -> (int) Math.min(limit, Integer.MAX_VALUE))
                .orElse(DEFAULT_LINES);
    }

    private static Instant instant(String name, String value) {
        try {
            return Instant.parse(value);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(name + " is not an instant; expected such as 2026-11-20T10:15:00Z", e);
        }
    }

    private static long number(String name, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is not a number", e);
        }
    }

    private static ObjectNode json(NodeFacts node) {
        ObjectNode json = Json.object();
        json.put("name", node.name().value());
        json.put("first_seen", node.firstSeen().toString());
        json.put("last_seen", node.lastSeen().toString());
        json.put("node_time", node.nodeTime().toString());
        json.put("node_time_received", node.nodeTimeReceived().toString());
        json.put("agent", node.agent());
        json.put("boot", node.boot());
        json.set("labels", Json.parse(node.labels()));
        return json;
    }

    private static void addSummary(ObjectNode node, StateSummary summary) {
        String field = summary.topic() == Topic.NODE ? "node" : word(summary.topic()) + "_count";
        node.set(field, Json.parse(summary.summary()));
    }

    /** The items of a state's list, each with its node. */
    private static ArrayNode items(StoredEvent state, String list) {
        ArrayNode items = Json.object().putArray(list);
        for (JsonNode item : Json.parse(state.data()).path(list)) {
            if (item.isObject()) {
                ObjectNode withNode = Json.object();
                withNode.put("node", state.node().value());
                withNode.setAll((ObjectNode) item);
                withNode.put("node", state.node().value());
                items.add(withNode);
            }
        }
        return items;
    }

    private static ObjectNode withTimes(StoredEvent event) {
        ObjectNode json = Json.object();
        JsonNode data = Json.parse(event.data());
        if (data.isObject()) {
            json.setAll((ObjectNode) data);
        }
        json.put("topic", word(event.topic()));
        json.put("at", event.at().toString());
        json.put("received", event.received().toString());
        return json;
    }

    private static void addLosses(ObjectNode json, FoundLosses found) {
        ArrayNode losses = json.putArray("losses");
        found.losses().forEach(loss -> losses.add(json(loss)));
        json.put("losses_total", found.total());
    }

    private static ObjectNode json(StoredLoss loss) {
        ObjectNode json = Json.object();
        json.put("id", loss.id());
        json.put("container", loss.container());
        json.put("source", loss.lost().source().value());
        json.put("from", loss.lost().from());
        json.put("to", loss.lost().to());
        json.put("reason", loss.lost().reason());
        json.put("at", loss.lost().at().toString());
        json.put("received", loss.received().toString());
        return json;
    }

    private static ObjectNode json(SourceFacts source) {
        ObjectNode json = Json.object();
        json.put("source", source.source().value());
        json.put("form", source.form().name().toLowerCase(Locale.ROOT));
        json.put("container", source.container());
        json.set("labels", Json.parse(source.labels()));
        json.put("lines", source.lines());
        json.put("bytes", source.bytes());
        json.put("last", source.last().toString());
        return json;
    }

    private static ObjectNode refusal(Fleet.Refusal refusal) {
        ObjectNode json = Json.object();
        json.put("at", refusal.at().toString());
        refusal.node().ifPresent(node -> json.put("node", node.value()));
        json.put("remote", refusal.remote());
        json.put("reason", refusal.reason());
        return json;
    }

    private void addLive(ObjectNode node) {
        NodeName name = new NodeName(node.path("name").asText());
        node.put("connected", fleet.isConnected(name));
        ArrayNode works = node.putArray("progress");
        fleet.progress(name).forEach(progress -> works.add(json(progress)));
    }

    private static ObjectNode json(Progress progress) {
        ObjectNode json = Json.object();
        json.put("work", progress.work());
        json.put("about", progress.about());
        json.put("done", progress.done());
        json.put("total", progress.total());
        json.put("note", progress.note());
        return json;
    }

    /** @param live adds what only the event loop knows */
    private void answer(RoutingContext request, Callable<ObjectNode> question, Consumer<ObjectNode> live) {
        Future<ObjectNode> answer = queries.ask(context, question);
        answer.onSuccess(json -> {
            live.accept(json);
            request.response().putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE).end(Json.write(json) + "\n");
        });
        answer.onFailure(failure -> failed(request, failure));
    }

    private static void failed(RoutingContext request, Throwable failure) {
        if (failure instanceof UnknownNodeException unknown) {
            refuse(request, 404, String.valueOf(unknown.getMessage()));
        } else if (failure instanceof RejectedExecutionException) {
            refuse(request, 503, "Too many questions wait for an answer. Try again in a few seconds.");
        } else {
            LOG.warn("Answering {} failed: {}", request.normalizedPath().split("/", 4)[1], failure.getMessage());
            refuse(request, 503, "The store did not answer. See the collector's journal.");
        }
    }

    private static Optional<NodeName> nodeName(RoutingContext request, String text) {
        if (NodeName.isNodeName(text)) {
            return Optional.of(new NodeName(text));
        }
        refuse(request, 404, "No such node.");
        return Optional.empty();
    }

    private static Optional<String> parameter(RoutingContext request, String name) {
        List<String> values = request.queryParam(name);
        return values.isEmpty() || values.get(0).isEmpty() ? Optional.empty() : Optional.of(values.get(0));
    }

    private static void refuse(RoutingContext request, int status, String sentence) {
        ObjectNode json = Json.object();
        json.put("error", sentence);
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, CONTENT_TYPE)
                .end(Json.write(json) + "\n");
    }

    private static String word(Topic topic) {
        return topic.name().toLowerCase(Locale.ROOT);
    }

    /** Asked for by name and not known. */
    private static final class UnknownNodeException extends IOException {
        private static final long serialVersionUID = 1L;

        UnknownNodeException(NodeName name) {
            super("No such node: " + name + ".");
        }
    }
}
