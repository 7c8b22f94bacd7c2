package io.farrier.collector.web;

import io.farrier.collector.identity.Identity;
import io.farrier.collector.store.FactStore;
import io.farrier.collector.store.LineStore;
import io.farrier.collector.store.LineTotals;
import io.farrier.config.CollectorConfig.Lines;
import io.farrier.metric.Metric;
import io.farrier.metric.PrometheusText;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All routes but {@code /feed}, with who may use them; this class is the table of {@code collector}'s doors. */
public final class WebRoutes implements AutoCloseable {
    /** A token and its name. */
    private static final long MAX_FORM_BYTES = 4 << 10;

    /** Nothing from elsewhere is loaded, framed or sent; answers are never kept on a disk. */
    private static final Map<String, String> SECURITY_HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Cache-Control",
            "no-store");

    private final Path packages;
    private final Identity identity;
    private final FactStore facts;
    private final LineStore lines;
    private final Lines shown;
    private final Fleet fleet;
    private final Doorkeeper doorkeeper;
    private final LiveLines live;
    private final Assets assets = new Assets();
    private final QueryPool queries = new QueryPool();
    private final Clock clock;

    /**
     * @param packages what is handed out to nodes that are being installed
     * @param shown how lines may be joined
     */
    public WebRoutes(
            Path packages,
            Identity identity,
            FactStore facts,
            LineStore lines,
            Lines shown,
            Fleet fleet,
            LiveLines live,
            Clock clock)
            throws IOException {
        this.packages = packages;
        this.identity = identity;
        this.facts = facts;
        this.lines = lines;
        this.shown = shown;
        this.fleet = fleet;
        this.doorkeeper = new Doorkeeper(identity);
        this.live = live;
        this.clock = clock;
    }

    public void mount(Router router, Context context) {
        router.route().handler(WebRoutes::secure);
        router.get("/healthz").handler(this::healthz);
        router.get("/login").handler(request -> assets.send(request, Assets.LOGIN));
        router.post("/login")
                .handler(BodyHandler.create(false).setBodyLimit(MAX_FORM_BYTES))
                .handler(doorkeeper::login);
        router.post("/logout").handler(doorkeeper::logout);
        for (String name : Assets.PUBLIC) {
            router.get("/assets/" + name).handler(request -> assets.send(request, name));
        }
        router.get("/packages/:name").handler(new PackageRoute(packages)::send);
        router.post("/join")
                .handler(BodyHandler.create(false).setBodyLimit(MAX_FORM_BYTES))
                .handler(new JoinRoute(identity, queries, context)::join);
        router.get("/").handler(doorkeeper::requireSession).handler(request -> assets.send(request, Assets.PAGE));
        router.get("/metrics").handler(doorkeeper::requireViewer).handler(request -> metrics(request, context));
        router.route("/api/*").handler(doorkeeper::requireViewer);
        router.get("/api/logs/live").handler(live::open);
        new Api(facts, lines, shown, fleet, queries, context, clock).mount(router);
    }

    @Override
    public void close() {
        queries.close();
    }

    private static void secure(RoutingContext request) {
        HttpServerResponse response = request.response();
        SECURITY_HEADERS.forEach(response::putHeader);
        request.next();
    }

    private void healthz(RoutingContext request) {
        boolean healthy = facts.isHealthy() && lines.isHealthy();
        request.response()
                .setStatusCode(healthy ? 200 : 503)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .end(healthy ? "ok\n" : "the store cannot write\n");
    }

    private void metrics(RoutingContext request, Context context) {
        queries.ask(context, lines::totals)
                .onSuccess(totals -> request.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, PrometheusText.CONTENT_TYPE)
                        .end(PrometheusText.render(allMetrics(totals))))
                .onFailure(failure -> request.response().setStatusCode(503).end("the store did not answer\n"));
    }

    private List<Metric> allMetrics(LineTotals totals) {
        List<Metric> metrics = new ArrayList<>(fleet.metrics());
        metrics.add(Metric.gauge(
                "farrier_collector_lines_store_bytes", "Bytes of disk the log lines use.", totals.usedBytes()));
        metrics.add(Metric.counter(
                "farrier_collector_lines_expired_total",
                "Log lines that retention dropped since the start.",
                totals.expiredLines()));
        metrics.add(Metric.gauge(
                "farrier_collector_store_healthy",
                "1 when the last write of facts and of lines reached the disk.",
                facts.isHealthy() && lines.isHealthy() ? 1 : 0));
        return metrics;
    }
}
