package io.farrier.collector;

import io.farrier.collector.identity.Identity;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.FactStore;
import io.farrier.collector.store.LineStore;
import io.farrier.collector.store.SegmentLineStore;
import io.farrier.collector.web.LiveLines;
import io.farrier.collector.web.WebRoutes;
import io.farrier.config.CollectorConfig;
import io.farrier.feed.FrameCodec;
import io.farrier.metric.Stint;
import io.farrier.node.Heartbeat;
import io.farrier.pki.issue.CertifiedKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running collector: one HTTPS port with the feed, the API, the metrics and the page. */
public final class Collector {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    /** The event loop never waits, and a worker's longest work is a query with a deadline. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration LOOK_AFTER_EVERY = Duration.ofMinutes(1);

    /** Silence on a connection that is no feed; the live lines send a heartbeat. */
    private static final int IDLE_SECONDS = 120;

    /** Two secrets and what browsers add. */
    private static final int MAX_HEADER_BYTES = 8 << 10;

    private static final int MAX_REQUEST_LINE_BYTES = 4 << 10;

    private final Vertx vertx;
    private final CollectorConfig config;
    private final Clock clock;
    private final Identity identity;
    private final FactStore facts;
    private final LineStore lines;
    private final Deque<AutoCloseable> files;
    private final Context context;
    private final FeedIntake intake;
    private final WebRoutes web;
    private final HttpServer server;
    private final Stint knock = new Stint("the collector's event loop", PATIENCE, System::nanoTime);
    private volatile int openFeeds;

    private Collector(Vertx vertx, Context context, CollectorConfig config, Clock clock, Opened opened)
            throws IOException {
        this.vertx = vertx;
        this.context = context;
        this.config = config;
        this.clock = clock;
        this.identity = opened.identity;
        this.facts = opened.facts;
        this.lines = opened.lines;
        this.files = opened.files;
        LiveLines live = new LiveLines(vertx, clock, config.lines());
        this.intake = new FeedIntake(
                vertx, context, identity, facts, lines, live, config.lines().nodeRate(), clock);
        this.web = new WebRoutes(config.packages(), identity, facts, lines, config.lines(), intake, live, clock);
        this.server = vertx.createHttpServer(options(identity.certificate().current()))
                .requestHandler(router())
                .exceptionHandler(broken -> LOG.debug("A connection broke: {}", broken.getMessage()));
    }

    /** What the files of {@code state_dir} hold. */
    private record Opened(Identity identity, FactStore facts, LineStore lines, Deque<AutoCloseable> files) {}

    /**
     * Opens or makes what is in {@code state_dir}, and listens.
     *
     * @return fails with an {@link IOException} whose message is a sentence for the operator
     */
    public static Future<Collector> start(Vertx vertx, CollectorConfig config, Clock clock) {
        return vertx.executeBlocking(() -> open(config, clock)).compose(opened -> listen(vertx, config, clock, opened));
    }

    /** The port that it listens on, also when the configuration says 0. */
    public int port() {
        return server.actualPort();
    }

    /** {@code https://host:port}, with a name that the certificate holds. */
    public String address() {
        String host = config.names().stream().findFirst().orElse(config.listen().host());
        String shown = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        return "https://" + (shown.contains(":") && !shown.startsWith("[") ? "[" + shown + "]" : shown) + ":" + port();
    }

    /** The CA that agents must trust; empty when the operator brought a certificate. */
    public Optional<Path> caFile() {
        return identity.certificate().caFile();
    }

    /**
     * SHA-256 for {@code collector.sha256}, lower-case hex: of the CA, which is sent behind the server's certificate
     * and stays when that is renewed; or of the brought certificate.
     */
    public String pin() {
        return identity.certificate().pin();
    }

    /** What systemd shows, and heeds: each call knocks at the event loop that owns the sessions, and at the workers. */
    public Heartbeat.State pulse() {
        if (knock.isResting()) {
            knock.moved();
            context.runOnContext(now -> {
                openFeeds = intake.openFeeds();
                vertx.executeBlocking(() -> true).onComplete(answered -> knock.rests());
            });
        }
        return new Heartbeat.State("Listens on " + address() + "; feeds open: " + openFeeds, knock.overrun());
    }

    /** Tells the agents, then closes the stores with everything that waits for them written. */
    public Future<Void> close() {
        Promise<Void> told = Promise.promise();
        context.runOnContext(now -> {
            intake.close();
            told.complete();
        });
        return told.future()
                .compose(v -> vertx.undeploy(context.deploymentID()))
                .compose(v -> vertx.executeBlocking(this::closeFiles))
                .mapEmpty();
    }

    private boolean closeFiles() throws IOException {
        web.close();
        return closeAll(files);
    }

    private static Opened open(CollectorConfig config, Clock clock) throws IOException {
        Identity identity = Identity.open(config, clock, new SecureRandom());
        Deque<AutoCloseable> files = new ArrayDeque<>();
        try {
            files.push(StateLock.take(config.stateDir()));
            FactStore facts = FactStore.open(config.stateDir().resolve("facts.db"));
            files.push(facts);
            LineStore lines = SegmentLineStore.open(config.stateDir().resolve("lines"));
            files.push(lines);
            return new Opened(identity, facts, lines, files);
        } catch (IOException e) {
            closeAll(files);
            throw e;
        }
    }

    /** The last that was opened first. */
    private static boolean closeAll(Deque<AutoCloseable> files) throws IOException {
        for (AutoCloseable file : files) {
            try {
                file.close();
            } catch (Exception e) {
                throw new IOException("Tried to close the collector's files but: " + e.getMessage(), e);
            }
        }
        return true;
    }

    /** In a context of its own, so that one event loop owns sessions, readers and logins. */
    private static Future<Collector> listen(Vertx vertx, CollectorConfig config, Clock clock, Opened opened) {
        Promise<Collector> listening = Promise.promise();
        return vertx.deployVerticle(context -> {
                    try {
                        Collector collector = new Collector(vertx, context, config, clock, opened);
                        listening.complete(collector);
                        return collector.listen();
                    } catch (IOException e) {
                        return Future.failedFuture(e);
                    }
                })
                .compose(id -> listening.future())
                .recover(e -> vertx.executeBlocking(() -> {
                    closeAll(opened.files);
                    throw new IOException(e.getMessage(), e);
                }));
    }

    private Future<HttpServer> listen() {
        CollectorConfig.Listen listen = config.listen();
        String host = listen.host().isEmpty() ? "::" : listen.host();
        return server.listen(listen.port(), host)
                .recover(e -> Future.failedFuture(new IOException(
                        "Tried to listen on " + host + " port " + listen.port() + " but: " + e.getMessage()
                                + ". Is another collector running? Change 'listen' or stop it.",
                        e)))
                .onSuccess(bound -> {
                    vertx.setPeriodic(1, LOOK_AFTER_EVERY.toMillis(), tick -> lookAfter());
                    LOG.info("Collector listens on {}; agents trust {}", address(), trust());
                });
    }

    private String trust() {
        return caFile().map(file -> "the CA " + file).orElse("the certificate you brought") + ", sha256 " + pin();
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.get("/feed").handler(intake::accept);
        web.mount(router, context);
        return router;
    }

    private void lookAfter() {
        lines.retain(config.retention(), clock.instant());
        vertx.executeBlocking(this::takeForgetRequests)
                .onSuccess(names -> names.forEach(intake::forget))
                .onFailure(e -> LOG.warn("Could not read the names to forget: {}", e.getMessage()));
        vertx.executeBlocking(this::refreshCertificate)
                .onSuccess(changed -> changed.ifPresent(this::present))
                .onFailure(e -> LOG.warn("The certificate stays as it was: {}", e.getMessage()));
    }

    private List<NodeName> takeForgetRequests() throws IOException {
        List<NodeName> names = new ArrayList<>();
        new ForgetRequests(config.stateDir()).take(names::add);
        for (NodeName name : names) {
            identity.joins().forget(name);
        }
        return names;
    }

    private Optional<CertifiedKey> refreshCertificate() throws IOException {
        return identity.certificate().refresh();
    }

    private void present(CertifiedKey certificate) {
        server.updateSSLOptions(sslOptions(certificate))
                .onSuccess(done -> LOG.info("Presents a new certificate, good until {}", certificate.expires()))
                .onFailure(e -> LOG.warn("The certificate stays as it was: {}", e.getMessage()));
    }

    private static HttpServerOptions options(CertifiedKey certificate) {
        return new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(pem(certificate))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES)
                .setMaxWebSocketFrameSize(FrameCodec.MAX_FRAME_BYTES)
                .setMaxWebSocketMessageSize(FrameCodec.MAX_FRAME_BYTES)
                // The feed compresses its own bodies, whose size is known before they are inflated.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
    }

    private static ServerSSLOptions sslOptions(CertifiedKey certificate) {
        return new ServerSSLOptions()
                .setUseAlpn(true)
                .setApplicationLayerProtocols(List.of("h2", "http/1.1"))
                .setKeyCertOptions(pem(certificate))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"));
    }

    private static PemKeyCertOptions pem(CertifiedKey certificate) {
        return new PemKeyCertOptions()
                .setCertValue(Buffer.buffer(certificate.chainPem()))
                .setKeyValue(Buffer.buffer(certificate.keyPem().reveal()));
    }
}
