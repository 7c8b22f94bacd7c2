package io.farrier.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.SourceId;
import io.farrier.logs.CheckpointFile;
import io.farrier.logs.LogSink;
import io.farrier.secret.Secret;
import io.farrier.testing.MemorySpool;
import io.farrier.testing.ScriptedCollector;
import io.farrier.testing.Wire;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SelfSignedCertificate;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UplinkTest {
    /** Only bounds waiting: a busy machine may take ten times as long as a free one. */
    @BeforeAll
    static void bePatient() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    }

    private static final SourceId SOURCE = new SourceId("abc");
    private static final String PIN = "ab".repeat(32);
    private static final String LINE = "a line\n";

    /** Of a short message that is masked (RFC 6455, section 5.2). */
    private static final int WEBSOCKET_HEADER_BYTES = 6;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final MemorySpool spool = new MemorySpool(1000);
    private final List<ByteRange> acked = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> lossesAcked = Collections.synchronizedList(new ArrayList<>());
    private StateLane state;
    private ScriptedCollector collector;
    private @Nullable Uplink uplink;

    @BeforeEach
    void start() throws Exception {
        state = new StateLane(
                spool, new CheckpointFile(folder), Clock.systemUTC(), System::nanoTime, new Log(System::nanoTime));
        collector = new ScriptedCollector(vertx, new HttpServerOptions());
    }

    @AfterEach
    void stop() throws Exception {
        if (uplink != null) {
            uplink.close();
        }
        state.close();
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void saysWhoItIsWithTokenAndNodeKey() {
        connect();

        Frame.Hello hello = collector.greeted();

        assertThat(hello.node()).isEqualTo("worker-1");
        assertThat(hello.encodings()).containsExactly("deflate");
        assertThat(collector.header("Authorization")).isEqualTo("Bearer token-of-the-test");
        assertThat(collector.header("Farrier-Node-Key")).isEqualTo("key-of-the-test-node");
    }

    @Test
    void sendsNothingBeforeItIsWelcome() {
        append(1);
        connect();

        collector.greeted();

        assertThat(collector.isSilent(Duration.ofMillis(300))).isTrue();
        assertThat(sink().connection()).isEqualTo(LogSink.NONE);
    }

    @Test
    void sendsLinesWithinTheCreditAndFreesItByAcks() {
        connect();
        welcomed(1000);
        assertThat(sink().room()).isEqualTo(1000);

        send(sink().connection(), batch(0, "a line\n"));

        Frame.LogBatch batch = collector.next(Frame.LogBatch.class);
        assertThat(UTF_8.decode(batch.body()).toString()).isEqualTo("a line\n");
        assertThat(sink().room()).isEqualTo(993);
        assertThat(sink().isDrained()).isFalse();
        collector.ack(batch);
        await().untilAsserted(() -> assertThat(acked).containsExactly(new ByteRange(0, 7)));
        assertThat(sink().room()).isEqualTo(1000);
        assertThat(sink().isDrained()).isTrue();
    }

    @Test
    void deflatesWhenBothSidesSaidSo() {
        connect();
        collector.greeted();
        collector.send(new Frame.Welcome(1, 1 << 20, Optional.of("deflate")));
        awaitConnected();

        send(sink().connection(), batch(0, "the same line\n".repeat(1000)));

        assertThat(UTF_8.decode(collector.next(Frame.LogBatch.class).body()).toString())
                .hasSize(14_000)
                .startsWith("the same line\n");
    }

    @Test
    void aFrameMayBeLargerThanWhatItAcceptsItself() {
        connect();
        welcomed(4 << 20);

        send(sink().connection(), batch(0, "x".repeat(2 << 20) + "\n"));

        assertThat(collector.next(Frame.LogBatch.class).body().remaining()).isEqualTo((2 << 20) + 1);
    }

    @Test
    void smallFramesLeaveTogetherInTheirOrder() {
        connect();
        welcomed(1 << 20);

        sink().send(sink().connection(), batch(0, "one\n"));
        sink().send(sink().connection(), batch(4, "two\n"));
        assertThat(collector.isSilent(Duration.ofMillis(300))).isTrue();
        sink().flush();

        assertThat(collector.next(Frame.LogBatch.class).from()).isZero();
        assertThat(collector.next(Frame.LogBatch.class).from()).isEqualTo(4);
    }

    @Test
    void aLargeFrameTakesTheSmallOnesBeforeItAlongAtOnce() {
        connect();
        collector.greeted();
        collector.send(new Frame.Welcome(1, 1 << 20, Optional.of("deflate")));
        awaitConnected();

        sink().send(sink().connection(), batch(0, "one\n"));
        sink().send(sink().connection(), batch(4, "x".repeat(64 << 10) + "\n"));

        assertThat(collector.next(Frame.LogBatch.class).from()).isZero();
        assertThat(collector.next(Frame.LogBatch.class).from()).isEqualTo(4);
    }

    @Test
    void obeysTheCreditAndBoundsIt() {
        connect();
        welcomed(Long.MAX_VALUE);
        assertThat(sink().room()).as("memory is bounded whatever is offered").isEqualTo(Uplink.MAX_CREDIT);

        collector.send(new Frame.Credit(0));

        await().untilAsserted(() -> assertThat(sink().room()).isZero());
    }

    @Test
    void sendsEventsInOrderAndForgetsThemWhenAcknowledged() {
        append(3);
        connect();
        welcomed(0);

        for (int i = 1; i <= 3; i++) {
            assertThat(collector.next(Frame.Event.class).data().get("n").asInt())
                    .isEqualTo(i);
        }
        collector.send(Frame.Ack.of("memory", 3));
        await().untilAsserted(() -> assertThat(spool.after(0, 9)).isEmpty());
        append(1);
        assertThat(collector.next(Frame.Event.class).seq()).isEqualTo(4);
    }

    @Test
    void sendsEventsAgainOnTheNextConnectionUntilTheyAreAcknowledged() {
        append(2);
        connect();
        welcomed(0);
        collector.next(Frame.Event.class);
        collector.next(Frame.Event.class);

        collector.hangUp();
        welcomed(0);

        assertThat(collector.next(Frame.Event.class).seq()).isEqualTo(1);
        assertThat(collector.next(Frame.Event.class).seq()).isEqualTo(2);
    }

    @Test
    void comesBackAfterTheConnectionBrokeAndDropsWhatWasMeantForTheOldOne() {
        connect();
        welcomed(1000);
        long old = sink().connection();

        collector.hangUp();
        welcomed(1000);

        assertThat(sink().connection()).isNotEqualTo(old).isNotEqualTo(LogSink.NONE);
        send(old, batch(0, "late\n"));
        send(sink().connection(), batch(5, "new\n"));
        assertThat(collector.next(Frame.LogBatch.class).from()).isEqualTo(5);
        assertThat(sink().room()).isEqualTo(996);
    }

    @Test
    void aLossIsAcknowledgedLikeABatchButMovesNoCredit() {
        connect();
        welcomed(1000);

        send(sink().connection(), new Frame.Lost(SOURCE, 10, 5_000_000, "r", java.time.Instant.EPOCH));
        collector.next(Frame.Lost.class);
        collector.ack(SOURCE, 10, 5_000_000);

        await().untilAsserted(() -> assertThat(acked).containsExactly(new ByteRange(10, 5_000_000)));
        assertThat(sink().room()).isEqualTo(1000);
    }

    @Test
    void aLossOfUnknownSizeIsAcknowledgedByWhereItBegins() {
        connect();
        welcomed(1000);

        send(sink().connection(), new Frame.Lost(SOURCE, 10, Frame.Lost.UNKNOWN, "r", java.time.Instant.EPOCH));
        collector.next(Frame.Lost.class);
        collector.send(Frame.Ack.ofLosses(SOURCE, List.of(10L)));

        await().untilAsserted(() -> assertThat(lossesAcked).containsExactly(10L));
        assertThat(sink().room()).isEqualTo(1000);
    }

    @Test
    void leavesACollectorThatAcknowledgesALossThatWasNotDeclared() {
        connect();
        welcomed(1000);

        collector.send(Frame.Ack.ofLosses(SOURCE, List.of(10L)));

        leaves("a loss that was not declared");
        assertThat(lossesAcked).isEmpty();
    }

    @Test
    void leavesACollectorThatAcknowledgesWhatWasNotSent() {
        connect();
        welcomed(1000);

        collector.ack(SOURCE, 0, 10);

        leaves("bytes that were not sent");
        assertThat(acked).isEmpty();
    }

    @Test
    void leavesACollectorThatAcknowledgesAnEventThatWasNotSent() {
        append(1);
        connect();
        welcomed(1000);
        collector.next(Frame.Event.class);

        collector.send(Frame.Ack.of("memory", 99));

        leaves("event 99");
        assertThat(spool.after(0, 9)).hasSize(1);
    }

    @Test
    void leavesACollectorThatSendsWhatOnlyAnAgentSends() {
        connect();
        welcomed(1000);

        collector.send(new Frame.Progress("pull", "x", 1, 2, ""));

        leaves("only an agent sends");
    }

    @Test
    void leavesACollectorThatSendsAnUnknownType() {
        connect();
        welcomed(1000);

        collector.sendRaw("{\"v\":1,\"type\":\"run\",\"command\":\"reboot\"}\n".getBytes(UTF_8));

        leaves("no frame");
    }

    @Test
    void leavesACollectorThatSendsTooMuchAtOnce() {
        connect();
        welcomed(1000);

        collector.sendRaw(new byte[5000]);

        collector.closeCode();
        await().untilAsserted(() -> assertThat(uplink().status().connected()).isFalse());
    }

    @Test
    void leavesACollectorThatSendsTooOften() {
        connect();
        welcomed(1000);

        for (int i = 0; i <= Doorman.MAX_FRAMES_PER_SECOND; i++) {
            collector.send(new Frame.Credit(i));
        }

        leaves("more than 100 messages in a second");
    }

    @Test
    void leavesACollectorOfAnotherVersion() {
        connect();
        collector.greeted();

        collector.send(new Frame.Welcome(2, 1, Optional.empty()));

        leaves("version 2");
    }

    @Test
    void trustsTheCertificateWithThePin() throws Exception {
        SelfSignedCertificate certificate = SelfSignedCertificate.create("collector");
        tlsCollector(certificate);

        connect(new CollectorLink(
                URI.create("wss://127.0.0.1:" + collector.port() + "/feed"),
                Optional.empty(),
                Optional.of(sha256(certificate)),
                Secret.of("token")));

        assertThat(collector.greeted().node()).isEqualTo("worker-1");
    }

    @Test
    void smallFramesThatLeaveTogetherAreOneRecordOfTls() throws Exception {
        SelfSignedCertificate certificate = SelfSignedCertificate.create("collector");
        tlsCollector(certificate);
        try (Wire wire = new Wire()) {
            wire.leadTo(collector.port());
            connect(new CollectorLink(
                    URI.create("wss://127.0.0.1:" + wire.port() + "/feed"),
                    Optional.empty(),
                    Optional.of(sha256(certificate)),
                    Secret.of("token")));
            welcomed(1 << 20);

            long alone = bytesOf(wire, 1);
            long together = bytesOf(wire, 12);

            long frame = FrameCodec.encode(batch(1000, LINE)).remaining() + WEBSOCKET_HEADER_BYTES;
            assertThat(together - alone).as("only the frames themselves").isEqualTo(11 * frame);
        }
    }

    /** Of so many frames, flushed once, on their way to the collector. */
    private long bytesOf(Wire wire, int frames) throws Exception {
        long before = settled(wire);
        for (int i = 0; i < frames; i++) {
            sink().send(sink().connection(), batch(1000 + i, LINE));
        }
        sink().flush();
        for (int i = 0; i < frames; i++) {
            collector.next(Frame.LogBatch.class);
        }
        return settled(wire) - before;
    }

    private static long settled(Wire wire) throws Exception {
        long passed = -1;
        while (passed != wire.passed()) {
            passed = wire.passed();
            Thread.sleep(200);
        }
        return passed;
    }

    @Test
    void refusesAnyOtherCertificateBeforeItSaysTheToken() throws Exception {
        tlsCollector(SelfSignedCertificate.create("collector"));

        connect(new CollectorLink(
                URI.create("wss://127.0.0.1:" + collector.port() + "/feed"),
                Optional.empty(),
                Optional.of(PIN),
                Secret.of("token")));

        await().untilAsserted(() -> assertThat(uplink().status().detail()).contains("collector.sha256 names another"));
        assertThat(collector.header("Authorization")).isNull();
    }

    @Test
    void trustsTheCaAndChecksTheName() throws Exception {
        SelfSignedCertificate certificate = SelfSignedCertificate.create("localhost");
        tlsCollector(certificate);
        byte[] ca = Files.readAllBytes(Path.of(certificate.certificatePath()));

        connect(new CollectorLink(
                URI.create("wss://127.0.0.1:" + collector.port() + "/feed"),
                Optional.of(ca),
                Optional.empty(),
                Secret.of("token")));

        // The certificate names localhost, not the address.
        await().untilAsserted(() -> assertThat(uplink().status().detail()).startsWith("could not connect: "));
        assertThat(collector.header("Authorization")).isNull();
    }

    @Test
    void neverSendsTheTokenInPlainOverANetwork() {
        assertThatThrownBy(() -> connect(new CollectorLink(
                        URI.create("ws://192.0.2.1:8470/feed"), Optional.empty(), Optional.empty(), Secret.of("t"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wss://");
    }

    private void leaves(String reason) {
        assertThat(collector.closeCode()).isEqualTo((short) 1002);
        await().untilAsserted(() -> assertThat(uplink().status().detail()).contains(reason));
        assertThat(sink().room()).isZero();
    }

    private void tlsCollector(SelfSignedCertificate certificate) throws Exception {
        collector.close();
        collector = new ScriptedCollector(
                vertx, new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
    }

    private static String sha256(SelfSignedCertificate certificate) throws Exception {
        try (var pem = Files.newInputStream(Path.of(certificate.certificatePath()))) {
            var x509 =
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(pem);
            return java.util.HexFormat.of()
                    .formatHex(
                            java.security.MessageDigest.getInstance("SHA-256").digest(x509.getEncoded()));
        }
    }

    private void connect() {
        connect(new CollectorLink(
                URI.create("ws://127.0.0.1:" + collector.port() + "/feed"),
                Optional.empty(),
                Optional.empty(),
                Secret.of("token-of-the-test")));
    }

    private void connect(CollectorLink link) {
        Uplink.Acks acks = new Uplink.Acks() {
            @Override
            public boolean acked(Frame.Ack ack) {
                acked.addAll(ack.ranges());
                lossesAcked.addAll(ack.lost());
                return true;
            }

            @Override
            public void changed() {}
        };
        Frame.Hello hello = new Frame.Hello(1, "worker-1", "0.1.0", "boot", List.of("deflate"), Map.of());
        Uplink made = new Uplink(
                vertx,
                link,
                Secret.of("key-of-the-test-node"),
                hello,
                state,
                acks,
                new Random(1),
                System::nanoTime,
                new Log(System::nanoTime));
        uplink = made;
        made.start();
    }

    private void welcomed(long credit) {
        collector.greeted();
        collector.welcome(credit);
        awaitConnected();
    }

    private void awaitConnected() {
        await().untilAsserted(() -> assertThat(uplink().status().connected()).isTrue());
    }

    private Uplink uplink() {
        return java.util.Objects.requireNonNull(uplink);
    }

    private LogSink sink() {
        return uplink();
    }

    private void send(long connection, Frame frame) {
        sink().send(connection, frame);
        sink().flush();
    }

    private void append(int events) {
        long before = spool.lastSeq();
        for (int i = 1; i <= events; i++) {
            state.record(
                    Frame.Topic.OUTCOME, JsonNodeFactory.instance.objectNode().put("n", before + i));
        }
        await().until(() -> spool.lastSeq() == before + events);
    }

    private static Frame.LogBatch batch(long from, String text) {
        ByteBuffer body = ByteBuffer.wrap(text.getBytes(UTF_8));
        return new Frame.LogBatch(SOURCE, from, from + body.remaining(), 1, body);
    }
}
