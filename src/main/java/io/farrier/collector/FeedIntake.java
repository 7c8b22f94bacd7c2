package io.farrier.collector;

import io.farrier.collector.identity.Credentials;
import io.farrier.collector.identity.Identity;
import io.farrier.collector.identity.NodeKey;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.FactStore;
import io.farrier.collector.store.LineStore;
import io.farrier.collector.web.Fleet;
import io.farrier.collector.web.LiveLines;
import io.farrier.feed.Frame.Progress;
import io.farrier.metric.Metric;
import io.farrier.secret.Secret;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /feed}: lets agents in and keeps their sessions. One event loop owns it and all sessions. */
final class FeedIntake implements Fleet {
    /** A fleet of 10,000 and the reconnects that overlap. */
    static final int MAX_CONNECTIONS = 12_000;

    private static final int MAX_REFUSALS_SHOWN = 50;

    /** Each is a time series in whoever reads the metrics, and an agent may call itself what it likes. */
    static final int MAX_NODES_IN_METRICS = 1_000;

    /** A dead peer is noticed after three unanswered pings. */
    private static final Duration PING_EVERY = Duration.ofSeconds(30);

    private static final Duration DEAD_AFTER = Duration.ofSeconds(100);

    private static final Logger LOG = LoggerFactory.getLogger(FeedIntake.class);

    final Vertx vertx;
    final Context context;
    final FactStore facts;
    final LineStore lines;
    final LiveLines live;
    final Clock clock;
    final IntakeCounters counters = new IntakeCounters();
    final Pressure pressure = new Pressure();

    private final Identity identity;
    private final Set<FeedSession> sessions = new HashSet<>();
    private final Set<FeedSession> braked = new HashSet<>();
    /** Who has been connected longest comes first. */
    private final Map<NodeName, FeedSession> byNode = new LinkedHashMap<>();

    private final Optional<Long> nodeRate;
    private final Map<NodeName, NodeRate> rates = new HashMap<>();
    private final Deque<Refusal> refusals = new ArrayDeque<>();

    /** @param nodeRate bytes of log lines that each node may send in a second, empty for no limit */
    FeedIntake(
            Vertx vertx,
            Context context,
            Identity identity,
            FactStore facts,
            LineStore lines,
            LiveLines live,
            Optional<Long> nodeRate,
            Clock clock) {
        this.vertx = vertx;
        this.context = context;
        this.identity = identity;
        this.facts = facts;
        this.lines = lines;
        this.live = live;
        this.nodeRate = nodeRate;
        this.clock = clock;
        vertx.setPeriodic(PING_EVERY.toMillis(), tick -> lookAfterSessions());
    }

    /** {@code GET /feed}: checks the token before anything is read. */
    void accept(RoutingContext routing) {
        HttpServerRequest request = routing.request();
        Optional<Secret> token = Credentials.bearer(Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION)));
        Optional<NodeName> owner = token.flatMap(identity.joins()::nodeOf);
        if (owner.isEmpty()
                && token.filter(identity.credentials().agent()::equals).isEmpty()) {
            counters.refusedCredentials++;
            refuse(
                    routing,
                    401,
                    "The feed takes 'Authorization: Bearer' with the token that the node joined by, or agent.token.");
        } else if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            refuse(routing, 426, "The feed is a WebSocket.");
        } else if (sessions.size() >= MAX_CONNECTIONS) {
            refuse(routing, 503, "This collector already has " + MAX_CONNECTIONS + " agents.");
        } else {
            upgrade(routing, owner);
        }
    }

    int openFeeds() {
        return sessions.size();
    }

    /** Ends all sessions; agents come back by themselves. */
    void close() {
        List.copyOf(sessions).forEach(session -> session.close(CloseCode.GOING_AWAY, "the collector is stopping"));
    }

    @Override
    public boolean isConnected(NodeName node) {
        return byNode.containsKey(node);
    }

    @Override
    public List<Progress> progress(NodeName node) {
        FeedSession session = byNode.get(node);
        return session == null ? List.of() : session.progress();
    }

    @Override
    public List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    @Override
    public long refused() {
        return counters.refusedNames;
    }

    @Override
    public List<Metric> metrics() {
        List<Metric> metrics = new ArrayList<>(counters.metrics());
        metrics.add(Metric.gauge("farrier_collector_feed_open", "Feeds that are open.", sessions.size()));
        metrics.add(
                Metric.gauge("farrier_collector_waiting_bytes", "Received and not yet on disk.", pressure.waiting()));
        metrics.addAll(named(byNode.keySet()));
        return metrics;
    }

    /** @param connected who has been connected longest first */
    static List<Metric> named(Collection<NodeName> connected) {
        Metric.Builder listed = Metric.gauges("farrier_collector_node_connected", "1 for each connected node.");
        connected.stream()
                .limit(MAX_NODES_IN_METRICS)
                .sorted()
                .forEach(node -> listed.add(Map.of("node", node.value()), 1));
        return List.of(
                listed.build(),
                Metric.gauge(
                        "farrier_collector_nodes_not_listed",
                        "Connected nodes beyond the " + MAX_NODES_IN_METRICS + " that are listed.",
                        Math.max(0, connected.size() - MAX_NODES_IN_METRICS)));
    }

    /** The session has said hello under a name that is its own; an older session of the node is a forgotten one. */
    void greeted(NodeName node, FeedSession session) {
        FeedSession older = byNode.put(node, session);
        if (older != null) {
            older.close(CloseCode.REPLACED, "a newer connection of this node took over");
        }
        counters.connections++;
        LOG.info("Node {} connected from {}", node, session.remote());
    }

    void ended(FeedSession session) {
        if (!sessions.remove(session)) {
            return;
        }
        braked.remove(session);
        session.node().ifPresent(node -> {
            if (byNode.remove(node, session)) {
                facts.seen(node, clock.instant());
                LOG.info("Node {} disconnected", node);
            }
        });
    }

    /** When so many bytes of log lines of the node are to be acknowledged: later, when it sends too fast. */
    long spend(NodeName node, long bytes, long now) {
        return nodeRate.isEmpty()
                ? now
                : rates.computeIfAbsent(node, first -> new NodeRate(nodeRate.get(), now))
                        .spend(bytes, now);
    }

    /** The operator gives the name free; whoever holds it now must say hello again. */
    void forget(NodeName node) {
        FeedSession session = byNode.get(node);
        if (session != null) {
            session.close(CloseCode.POLICY, "the operator of the collector gave this name free");
        }
        facts.forget(node)
                .whenComplete((forgotten, failure) -> LOG.info(
                        "Forgot node {}: {}", node, failure == null ? "its name is free" : failure.getMessage()));
    }

    void refusedName(Optional<NodeName> node, String remote, String reason) {
        counters.refusedNames++;
        refusals.addFirst(new Refusal(clock.instant(), node, remote, reason));
        while (refusals.size() > MAX_REFUSALS_SHOWN) {
            refusals.removeLast();
        }
        LOG.warn("Refused a feed from {}: {}", remote, reason);
    }

    /** Bytes of {@code session} wait for the disk. */
    void waiting(FeedSession session, long bytes) {
        pressure.add(bytes);
        if (pressure.isHigh()) {
            braked.add(session);
            session.starve();
        }
        if (pressure.isFull()) {
            session.hold(FeedSession.Hold.STORE);
        }
    }

    void written(long bytes) {
        pressure.remove(bytes);
        if (pressure.isLow() && !braked.isEmpty()) {
            List<FeedSession> released = List.copyOf(braked);
            braked.clear();
            released.forEach(FeedSession::feedAgain);
        }
    }

    /** @param owner the only node that may speak with this token, empty for the token of all */
    private void upgrade(RoutingContext routing, Optional<NodeName> owner) {
        NodeKey key;
        try {
            key = NodeKey.of(Optional.ofNullable(routing.request().getHeader(NodeKey.HEADER))
                    .orElse(""));
        } catch (IllegalArgumentException e) {
            refuse(routing, 400, "Header " + NodeKey.HEADER + ": " + e.getMessage() + ".");
            return;
        }
        routing.request()
                .toWebSocket()
                .onSuccess(socket -> sessions.add(new FeedSession(this, socket, key, owner)))
                .onFailure(failure -> LOG.debug("A WebSocket handshake failed: {}", failure.getMessage()));
    }

    private void lookAfterSessions() {
        long nanos = System.nanoTime();
        rates.values().removeIf(rate -> rate.isIdle(nanos));
        Instant now = clock.instant();
        long deadline = System.nanoTime() - DEAD_AFTER.toNanos();
        for (FeedSession session : List.copyOf(sessions)) {
            if (session.lastHeard() - deadline < 0) {
                session.close(CloseCode.GOING_AWAY, "nothing was heard for " + DEAD_AFTER.toSeconds() + " seconds");
            } else {
                session.ping();
                session.node().ifPresent(node -> facts.seen(node, now));
            }
        }
    }

    private static void refuse(RoutingContext routing, int status, String sentence) {
        HttpServerRequest request = routing.request();
        Future<Void> sent = routing.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(sentence + "\n");
        if (request.version() == HttpVersion.HTTP_1_1) {
            // A WebSocket client that was refused waits for the end of the connection.
            sent.onComplete(done -> request.connection().close());
        }
    }
}
