package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.farrier.check.CheckResult;
import io.farrier.config.FarrierConfig;
import io.farrier.config.Mode;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Topic;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.PullBoard;
import io.farrier.logs.CheckpointFile;
import io.farrier.node.NodeFiles;
import io.farrier.node.Pause;
import io.farrier.node.PauseFile;
import io.farrier.node.SafeMode;
import io.farrier.node.SafeModeFile;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.ResourceName;
import io.farrier.reconcile.Order;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.NodeSample;
import io.farrier.sample.RegistryStatus;
import io.farrier.testing.Configurations;
import io.farrier.testing.FakeRuntime;
import io.farrier.testing.MemorySpool;
import io.farrier.vitals.OwnCost;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
    /** Only bounds waiting: a busy machine may take ten times as long as a free one. */
    @BeforeAll
    static void bePatient() {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    }

    private static final ResourceName RESOURCE = new ResourceName("docker/daemon.json");
    private static final Change CHANGE = new Change(
            Change.Kind.ADD, "live-restore", Optional.empty(), Optional.of("true"), Optional.empty(), Optional.empty());

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final MemorySpool spool = new MemorySpool(1000);
    private final FakeRuntime runtime = new FakeRuntime();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile Mode mode = Mode.KEEP;
    private volatile String fingerprint = "one";
    private volatile boolean isConfigBroken;
    private volatile Optional<Duration> spread = Optional.empty();
    private volatile boolean isKept;
    private volatile @Nullable RuntimeException checksFail;
    private volatile Optional<OwnCost.Sample> cost = Optional.empty();
    private final CountDownLatch registryAnswers = new CountDownLatch(1);
    private volatile boolean registryHangs;
    private final AtomicLong nanos = new AtomicLong(System.nanoTime());
    private volatile @Nullable IOException changesFail;
    private @Nullable Agent agent;

    @AfterEach
    void stop() throws Exception {
        if (agent != null) {
            agent.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void keepsTheNodeRightAndTellsTheOutcome() throws IOException {
        start();

        await().untilAsserted(() -> assertThat(told(Topic.OUTCOME)).hasSize(1));
        assertThat(told(Topic.OUTCOME).get(0).data().get("result").asText()).isEqualTo("applied");
        await().untilAsserted(() -> assertThat(calls).contains("keep agent", "pull"));
        for (Topic topic : List.of(Topic.NODE, Topic.CONTAINERS, Topic.IMAGES, Topic.REGISTRIES, Topic.FINDINGS)) {
            await().untilAsserted(() -> assertThat(told(topic)).as(topic.name()).isNotEmpty());
        }
    }

    @Test
    void observingPlansAndReportsAndTouchesNothing() throws IOException {
        mode = Mode.OBSERVE;
        start();

        await().untilAsserted(() -> assertThat(openFindings()).contains("change.pending"));
        assertThat(calls).contains("plan observe", "check images").doesNotContain("keep agent", "pull");
    }

    @Test
    void looksAtOnceWhenSomebodyWroteAFileThatIsKept() throws IOException {
        start();
        await().untilAsserted(() -> assertThat(calls).contains("keep agent", "pull"));
        calls.clear();

        keptFiles = "written by somebody";

        await().untilAsserted(() -> assertThat(calls).contains("keep agent"));
    }

    @Test
    void aRegistryMayBeKeptOnANodeThatElseOnlyObserves() throws IOException {
        mode = Mode.OBSERVE;
        registries = List.of(new FarrierConfig.Registry(
                RegistryHost.parse("reg:5000"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true,
                Optional.of(Mode.KEEP)));
        start();

        await().untilAsserted(() -> assertThat(calls).contains("keep agent", "plan observe"));
        assertThat(calls).doesNotContain("pull");
    }

    @Test
    void imagesMayBeKeptOnANodeThatElseOnlyObserves() throws IOException {
        mode = Mode.OBSERVE;
        imagesMode = Optional.of(Mode.KEEP);
        start();

        await().untilAsserted(() -> assertThat(calls).contains("pull", "plan observe"));
        assertThat(calls).doesNotContain("keep agent");
    }

    @Test
    void offOnlyReports() throws IOException {
        mode = Mode.OFF;
        start();

        await().untilAsserted(() -> assertThat(told(Topic.CONTAINERS)).isNotEmpty());
        await().untilAsserted(() -> assertThat(told(Topic.NODE)).isNotEmpty());
        assertThat(calls).doesNotContain("plan observe", "keep agent", "check images", "pull");
    }

    @Test
    void anOrderByHandIsCarriedOutWhateverTheMode() throws Exception {
        mode = Mode.OBSERVE;
        start();

        List<Outcome> outcomes = running().apply(Order.byHand("uid 0")).get();

        assertThat(outcomes).extracting(Outcome::result).containsExactly(Outcome.Result.APPLIED);
        assertThat(calls).contains("keep uid 0");
        // The state lane writes it after the order is answered.
        await().untilAsserted(() -> assertThat(told(Topic.OUTCOME)).hasSize(1));
    }

    @Test
    void aLaneThatFailsIsAFindingAndStopsNoOther() throws IOException {
        checksFail = new IllegalStateException("no such check");
        changesFail = new IOException("Tried to plan, but the disk is gone.");
        start();

        await().untilAsserted(() ->
                assertThat(openFindings()).contains("agent.lane-failed(change)", "agent.lane-failed(check)"));
        assertThat(told(Topic.CONTAINERS)).isNotEmpty();
        await().untilAsserted(() -> assertThat(told(Topic.NODE)).isNotEmpty());
        await().untilAsserted(() -> assertThat(told(Topic.IMAGES)).isNotEmpty());
    }

    @Test
    void aRuntimeThatIsAwayIsAFindingUntilItAppears() throws IOException {
        runtime.goAway();
        start();
        await().untilAsserted(() -> assertThat(openFindings()).contains("runtime.unreachable"));

        runtime.comeBack();

        await().untilAsserted(() -> assertThat(openFindings()).doesNotContain("runtime.unreachable"));
        await().untilAsserted(() -> assertThat(told(Topic.CONTAINERS)).isNotEmpty());
    }

    @Test
    void aConfigurationThatIsNotValidLeavesTheLastGoodOneInForce() throws IOException {
        start();
        await().untilAsserted(() -> assertThat(calls).contains("keep agent"));
        isConfigBroken = true;
        fingerprint = "two";

        await().untilAsserted(() -> assertThat(openFindings()).contains("config.rejected"));
        assertThat(running().status().get("mode").asText()).isEqualTo("keep");

        isConfigBroken = false;
        mode = Mode.OBSERVE;
        fingerprint = "three";
        await().untilAsserted(() ->
                assertThat(running().status().get("mode").asText()).isEqualTo("observe"));
        await().untilAsserted(() -> assertThat(openFindings()).doesNotContain("config.rejected"));
        await().untilAsserted(() -> assertThat(calls).contains("plan observe"));
    }

    @Test
    void aChangedConfigurationWaitsForItsTurnButAnOrderDoesNot() throws Exception {
        spread = Optional.of(Duration.ofDays(365));
        start();
        await().untilAsserted(() -> assertThat(calls).contains("keep agent"));
        registries = List.of(Configurations.insecure("reg:5000"));
        fingerprint = "two";

        await().untilAsserted(
                        () -> assertThat(running().status().path("held_back").asText())
                                .contains("comes into force at", "changes.spread"));
        assertThat(furnished).isEqualTo(1);

        running().apply(Order.byHand("root")).get();

        assertThat(furnished).isEqualTo(2);
        assertThat(running().status().has("held_back")).isFalse();
    }

    @Test
    void whatChangesNothingOnTheNodeNeverWaits() throws IOException {
        spread = Optional.of(Duration.ofDays(365));
        start();
        mode = Mode.OFF;
        fingerprint = "two";

        await().untilAsserted(() ->
                assertThat(running().status().get("mode").asText()).isEqualTo("off"));
    }

    @Test
    void withoutACollectorEverythingElseWorksAndNothingIsHeld() throws IOException {
        start();

        await().untilAsserted(() -> assertThat(told(Topic.OUTCOME)).hasSize(1));
        assertThat(running().status().get("collector").get("connected").asBoolean())
                .isFalse();
        assertThat(running().status().get("collector").get("detail").asText()).isEqualTo("none is configured");
    }

    @Test
    void nothingBeginsWhileTheNodeIsPaused() throws Exception {
        pauseFile().write(new Pause("etcd moves", "anna", Optional.empty()));
        start();

        await().untilAsserted(() -> assertThat(openFindings()).contains("agent.paused()"));
        await().untilAsserted(() -> assertThat(calls).contains("plan paused", "check images"));
        assertThat(running().status().get("paused").asText()).contains("etcd moves, says anna");
        assertThatThrownBy(() -> running().pull(progress -> {}).get())
                .hasMessageContaining("this node is paused")
                .hasMessageContaining("etcd moves");
        assertThat(calls).doesNotContain("keep agent", "pull");

        pauseFile().remove();

        await().untilAsserted(() -> assertThat(calls).contains("keep agent", "pull"));
        await().untilAsserted(() -> assertThat(openFindings()).doesNotContain("agent.paused()"));
        assertThat(running().status().has("paused")).isFalse();
    }

    @Test
    void inSafeModeItOnlyWatchesUntilSomebodyResumes() throws Exception {
        imagesMode = Optional.of(Mode.KEEP);
        registries = List.of(new FarrierConfig.Registry(
                RegistryHost.parse("reg:5000"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true,
                Optional.of(Mode.KEEP)));
        safeModeFile().enter(new SafeMode(Instant.parse("2026-11-20T12:00:00Z"), "it ended 3 times"));
        start();

        await().untilAsserted(() -> assertThat(openFindings()).contains("agent.safe-mode()", "change.pending"));
        await().untilAsserted(() -> assertThat(calls).contains("plan observe", "check images"));
        assertThat(running().status().get("mode").asText()).isEqualTo("observe");
        assertThat(running().status().get("safe_mode").asText()).contains("it ended 3 times");
        assertThat(StatusLine.of(running().status())).startsWith("safe mode; ");
        assertThat(calls).doesNotContain("keep agent", "pull");

        safeModeFile().leave();

        await().untilAsserted(() -> assertThat(calls).contains("keep agent", "pull"));
        await().untilAsserted(() -> assertThat(openFindings()).doesNotContain("agent.safe-mode()"));
        assertThat(running().status().get("mode").asText()).isEqualTo("keep");
    }

    @Test
    void aConfigurationThatLostASectionIsNoWishToGiveItUp() throws Exception {
        registries = List.of(Configurations.insecure("reg:5000"));
        start();
        await().untilAsserted(() -> assertThat(calls).contains("keep agent"));
        registries = List.of();
        mode = Mode.OBSERVE;
        fingerprint = "two";

        await().untilAsserted(() -> assertThat(openFindings()).contains("config.rejected"));
        assertThat(running().status().get("mode").asText()).isEqualTo("keep");
        assertThatThrownBy(() -> running().apply(Order.byHand("root")).get())
                .hasMessageContaining("'registries' named 1 and names none any more")
                .hasMessageContaining("--allow-removal");

        running().apply(Order.byHand("root").allowingRemoval()).get();

        assertThat(calls).contains("keep root");
        assertThat(running().status().get("mode").asText()).isEqualTo("observe");
        await().untilAsserted(() -> assertThat(openFindings()).doesNotContain("config.rejected"));
    }

    private PauseFile pauseFile() throws IOException {
        return new PauseFile(NodeFiles.below(folder), Clock.systemUTC());
    }

    private SafeModeFile safeModeFile() throws IOException {
        return new SafeModeFile(NodeFiles.below(folder), Path.of("/state"));
    }

    @Test
    void thePulseNamesTheLaneThatDoesNotGetOnUntilItDoes() throws IOException {
        registryHangs = true;
        start();
        await().untilAsserted(() -> assertThat(calls).contains("wait for a registry"));
        nanos.addAndGet(Agent.LONG_PATIENCE.toNanos());
        // Whoever was at something at that moment moves on; it has not been longer than its patience.
        await().untilAsserted(() -> assertThat(running().pulse().stuck()).isEmpty());

        nanos.addAndGet(Duration.ofSeconds(1).toNanos());

        await().untilAsserted(() -> assertThat(running().pulse().stuck())
                .hasValue("the check lane has not moved for "
                        + Agent.LONG_PATIENCE.plusSeconds(1).toSeconds() + " s"));
        assertThat(running().pulse().status()).isNotEmpty();
        registryAnswers.countDown();
        await().untilAsserted(() -> assertThat(running().pulse().stuck()).isEmpty());
    }

    @Test
    void anAgentThatCostsTooMuchSaysSoLooksLessOftenAndTakesItUpAgain() throws IOException {
        start();
        await().untilAsserted(() -> assertThat(calls).contains("vitals"));
        Map<String, Duration> usual = running().rests();

        cost = Optional.of(new OwnCost.Sample(90, 100 << 20));
        lookAgain();
        nanos.addAndGet(SelfCare.OVER_FOR.toNanos());
        lookAgain();

        await().untilAsserted(() -> assertThat(openFindings()).contains("agent.over-budget()"));
        assertThat(running().rests())
                .containsEntry("vitals", usual.get("vitals").multipliedBy(6))
                .containsEntry("watch", usual.get("watch").multipliedBy(6))
                .containsEntry("check", usual.get("check"))
                .containsEntry("change", usual.get("change"));

        nanos.addAndGet(SelfCare.OVER_FOR.toNanos());
        lookAgain();
        await().untilAsserted(() -> assertThat(running().rests())
                .containsEntry("check", usual.get("check").multipliedBy(6))
                .containsEntry("image", usual.get("image").multipliedBy(6))
                .containsEntry("change", usual.get("change")));

        cost = Optional.of(new OwnCost.Sample(1, 100 << 20));
        lookAgain();
        for (int step = 0; step < 2; step++) {
            nanos.addAndGet(SelfCare.UNDER_FOR.toNanos());
            lookAgain();
        }
        await().untilAsserted(() -> assertThat(openFindings()).doesNotContain("agent.over-budget()"));
        assertThat(running().rests()).isEqualTo(usual);
    }

    /** Another configuration is a kick; the second look begins when the first one has ended. */
    private void lookAgain() {
        for (int look = 0; look < 2; look++) {
            calls.clear();
            fingerprint = fingerprint + "+";
            running().reload();
            await().untilAsserted(() -> assertThat(calls).contains("vitals"));
        }
    }

    private void start() throws IOException {
        Agent made = new Agent(new Agent.Parts(
                new Identity("0.1.0", "Debian", "6.1", "boot"),
                config(),
                new Files(),
                pauseFile(),
                safeModeFile(),
                runtime,
                spool,
                new CheckpointFile(folder),
                vertx,
                new Random(1),
                Clock.systemUTC(),
                nanos::get,
                () -> false,
                Optional.empty(),
                Optional.empty()));
        agent = made;
        made.start();
    }

    private Agent running() {
        return java.util.Objects.requireNonNull(agent);
    }

    private List<Event> told(Topic topic) {
        return spool.after(0, 1000).stream()
                .filter(event -> event.topic() == topic)
                .toList();
    }

    private List<String> openFindings() {
        List<String> open = new CopyOnWriteArrayList<>();
        running().status().get("findings").forEach(finding -> {
            String about = finding.get("about").asText();
            String code = finding.get("code").asText();
            open.add(code.startsWith("agent.") ? code + "(" + about + ")" : code);
        });
        return open;
    }

    private FarrierConfig config() {
        FarrierConfig base = Configurations.of(List.of());
        return new FarrierConfig(
                mode,
                base.node(),
                registries,
                base.mirrors(),
                base.docker(),
                new FarrierConfig.Images(
                        Optional.empty(), List.of(), List.of(), List.of(), imagesMode, 1, FarrierConfig.Pulls.DEFAULT),
                base.runtime(),
                base.collector(),
                base.logs(),
                base.intervals(),
                new FarrierConfig.Changes(false, 6, false, spread),
                base.manage(),
                base.findings(),
                FarrierConfig.Budget.DEFAULT,
                folder);
    }

    private final class Files implements Configuration {
        @Override
        public String fingerprint() {
            return fingerprint;
        }

        @Override
        public FarrierConfig load() throws IOException {
            if (isConfigBroken) {
                throw new IOException("farrier.yaml:3: 'moode' is not known. Did you mean 'mode'?");
            }
            return config();
        }

        @Override
        public NodeWork furnish(FarrierConfig config) {
            furnished = furnished + 1;
            return new NodeWork(new Changes(), new Images(), new Checks(), new OfThisNode());
        }
    }

    private volatile int furnished;
    private volatile String keptFiles = "as they were";
    private volatile List<FarrierConfig.Registry> registries = List.of();
    private Optional<Mode> imagesMode = Optional.empty();

    private final class Changes implements NodeWork.Changes {
        @Override
        public String stamp() {
            return keptFiles;
        }

        @Override
        public NodePlan plan(Order order) throws IOException {
            calls.add("plan " + order.who());
            return new NodePlan(List.of(
                    new FilePlan(RESOURCE, List.of(), List.of(CHANGE), List.of(), Optional.empty(), new TreeSet<>())));
        }

        @Override
        public List<Outcome> keep(Order order) throws IOException {
            IOException failure = changesFail;
            if (failure != null) {
                throw failure;
            }
            calls.add("keep " + order.who());
            Outcome.Result result = isKept ? Outcome.Result.KEPT : Outcome.Result.APPLIED;
            isKept = true;
            return List.of(new Outcome(RESOURCE, result, List.of(CHANGE), List.of(), Optional.empty(), Instant.EPOCH));
        }

        @Override
        public List<Outcome> restore(Order order) {
            calls.add("restore " + order.who());
            return List.of();
        }
    }

    private final class Images implements NodeWork.Images {
        private final String wanted = Reference.parse("rancher/kubectl:v1").toString();

        @Override
        public List<ImageStatus> check() {
            calls.add("check images");
            return List.of(status(ImageStatus.State.MISSING));
        }

        @Override
        public List<ImageStatus> keep(PullBoard board) {
            calls.add("pull");
            board.progress(wanted, 1, 2, "Downloading");
            return List.of(status(ImageStatus.State.PRESENT));
        }

        private ImageStatus status(ImageStatus.State state) {
            return new ImageStatus(wanted, state, Optional.empty(), Optional.empty(), 0, "");
        }
    }

    private final class Checks implements NodeWork.Checks {
        @Override
        public List<CheckResult> results() {
            RuntimeException failure = checksFail;
            if (failure != null) {
                throw failure;
            }
            if (registryHangs) {
                waitForRegistry();
            }
            return List.of();
        }

        private void waitForRegistry() {
            calls.add("wait for a registry");
            try {
                registryAnswers.await();
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public List<RegistryStatus> registries() {
            return List.of();
        }
    }

    private final class OfThisNode implements NodeWork.Vitals {
        @Override
        public NodeSample sample() {
            calls.add("vitals");
            return new NodeSample(1, 0, 0, 0, 0, 1, 1, 0, 0, 1, List.of());
        }

        @Override
        public Optional<OwnCost.Sample> own() {
            return cost;
        }
    }
}
