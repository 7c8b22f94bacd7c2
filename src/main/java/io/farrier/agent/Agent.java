package io.farrier.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.agent.SelfCare.Shed;
import io.farrier.check.Catalogue;
import io.farrier.config.FarrierConfig;
import io.farrier.config.Mode;
import io.farrier.feed.Encoding;
import io.farrier.feed.Facts;
import io.farrier.feed.Frame;
import io.farrier.feed.Frame.Topic;
import io.farrier.feed.SourceId;
import io.farrier.feed.Zstandard;
import io.farrier.finding.Finding;
import io.farrier.logs.CheckpointFile;
import io.farrier.logs.FolderWatch;
import io.farrier.logs.LogSink;
import io.farrier.logs.Tail;
import io.farrier.logs.docker.ContainerCopies;
import io.farrier.logs.journal.JournalUnits;
import io.farrier.metric.Stint;
import io.farrier.node.Heartbeat;
import io.farrier.node.PauseFile;
import io.farrier.node.SafeModeFile;
import io.farrier.plan.Outcome;
import io.farrier.plan.ResourceName;
import io.farrier.reconcile.Order;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.NodeSample;
import io.farrier.spool.Spool;
import io.farrier.vitals.OwnCost;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The daemon on a node. Each kind of work has a lane (a thread of its own) and meets the others in two places only: the
 * board of findings and the spool of events. What a lane throws is a finding.
 *
 * <p>Mode {@code keep} makes the node right, {@code observe} plans and reports, {@code off} reports only.
 */
public final class Agent implements AutoCloseable {
    private static final Duration FILES_LOOK = Duration.ofSeconds(2);

    /** Reads a few files, or asks a runtime, each with a deadline of seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Longer than a pull that stands still, a proof, a registry after the other: all of them give up by themselves. */
    static final Duration LONG_PATIENCE = Duration.ofMinutes(45);

    /** Where the logs of pods are, whatever the runtime. */
    private static final Path VAR_LOG = Path.of("/var/log");

    private static final String CHANGE = "change";
    private static final String IMAGES = "image";
    private static final String WATCH = "watch";
    private static final String CHECK = "check";
    private static final String VITALS = "vitals";
    private static final String LOGS = "logs";
    private static final String BRAKES = "brakes";
    private static final String PROOF = "proof";
    private static final String UPGRADE = "upgrade";
    private static final String COST = "cost";
    private static final String STATE = "state";
    private static final String START = "start";

    private final Identity identity;
    private final FarrierConfig begun;
    private final Configuration configuration;
    private final ConfigurationWatch onDisk;
    private final BrakeWatch brakes;
    private final ContainerRuntime runtime;
    private final Clock clock;
    private final LongSupplier nanos;
    private final BooleanSupplier besideEtcd;
    private final Log log;
    private final Board board;
    private final StateLane state;
    private final List<String> damage;
    private final Optional<CopyLane> journal;
    private final Optional<DockerLane> dockerLogs;
    private final TailLane tail;
    private final Tail tailing;
    private final @Nullable Uplink uplink;
    private final List<Lane> lanes;
    private final Lane configFiles;
    private final Lane change;
    private final Lane images;
    private final Lane watch;
    private final Lane check;
    private final Lane vitals;
    private final LoopWatch loop;
    private final Removals removals = new Removals();
    private final SelfCare care;

    private volatile FarrierConfig config;
    private volatile NodeWork work;
    private volatile Optional<Facts.RuntimeFacts> runtimeFacts = Optional.empty();
    private final Map<ResourceName, String> lastSaid = new HashMap<>();
    private final Map<ResourceName, Outcome> proofs = new ConcurrentHashMap<>();
    private volatile List<ImageStatus> lastImages = List.of();
    private volatile Set<Path> dataRoots = Set.of(VAR_LOG);
    private volatile @Nullable Watching watching;
    /** Of the files that are kept, when they were last looked at. */
    private String keptStamp = "";

    private List<ContainerSample> toldContainers = List.of();
    private long toldContainersAt;
    private volatile long pullNotBefore;

    /**
     * What assembly gives for the life of the process. {@code spool}, {@code cursors} and the files of {@code units} are in
     * the state directory.
     *
     * @param nanos time that only goes on, as {@link System#nanoTime} has it
     * @param besideEtcd whether etcd's data is on this node now
     * @param units what is read of systemd's journal; empty without a collector, when nothing is to be kept for it
     * @param copies of containers' logs that are in no file; the same
     */
    public record Parts(
            Identity identity,
            FarrierConfig config,
            Configuration configuration,
            PauseFile pause,
            SafeModeFile safeMode,
            ContainerRuntime runtime,
            Spool spool,
            CheckpointFile cursors,
            Vertx vertx,
            RandomGenerator random,
            Clock clock,
            LongSupplier nanos,
            BooleanSupplier besideEtcd,
            Optional<JournalUnits> units,
            Optional<ContainerCopies> copies) {}

    private record Watching(ContainerRuntime.Watch watch) {}

    public Agent(Parts parts) throws IOException {
        this.identity = parts.identity();
        this.begun = parts.config();
        this.config = begun;
        this.configuration = parts.configuration();
        this.brakes = new BrakeWatch(parts.pause(), parts.safeMode());
        this.runtime = parts.runtime();
        this.clock = parts.clock();
        this.nanos = parts.nanos();
        this.besideEtcd = parts.besideEtcd();
        this.log = new Log(nanos);
        this.care = new SelfCare(nanos);
        String fingerprint = configuration.fingerprint();
        this.work = configuration.furnish(config);
        this.board = new Board(clock, Set.of(CHANGE, WATCH, CHECK));
        this.onDisk = new ConfigurationWatch(
                configuration, fingerprint, () -> config, new Effect(), board, clock, nanos, log);
        this.state = new StateLane(parts.spool(), parts.cursors(), clock, nanos, log);
        CheckpointFile.Content cursors = parts.cursors().content();
        this.damage = Stream.concat(parts.spool().damage().stream(), cursors.damage().stream())
                .toList();
        this.journal = parts.units().map(units -> new CopyLane("journal", "systemd's units", units, nanos, log));
        this.dockerLogs = parts.copies().map(copies -> new DockerLane(copies, nanos, log));
        this.tail = new TailLane(state, journal, dockerLogs, nanos, log);
        this.uplink = config.collector().isPresent() ? uplink(parts) : null;
        this.tailing = new Tail(
                ShippedLogs.wanted(config.logs()),
                cursors.entries(),
                () -> dataRoots,
                // In safe mode, too: a node in trouble is the last whose lines may get lost.
                () -> config.mode() == Mode.KEEP,
                uplink == null ? new NoCollector() : uplink,
                nanos,
                clock,
                FolderWatch.open(tail::changed));
        this.change = lane(CHANGE, LONG_PATIENCE, () -> config.intervals().reconcileSeconds(), this::change);
        this.images = lane(
                IMAGES,
                LONG_PATIENCE,
                () -> slowed(Shed.CHECKS, config.intervals().imagesSeconds()),
                this::images);
        this.watch = lane(
                WATCH, PATIENCE, () -> slowed(Shed.SAMPLES, config.intervals().healthSeconds()), this::watch);
        this.check = lane(
                CHECK,
                LONG_PATIENCE,
                () -> slowed(Shed.CHECKS, config.intervals().healthSeconds()),
                this::check);
        this.vitals = lane(
                VITALS, PATIENCE, () -> slowed(Shed.SAMPLES, config.intervals().healthSeconds()), this::vitals);
        this.configFiles = new Lane(
                ConfigurationWatch.TOPIC,
                () -> FILES_LOOK,
                PATIENCE,
                nanos,
                this::lookAtFiles,
                failure -> failed(ConfigurationWatch.TOPIC, failure));
        this.loop = new LoopWatch(parts.vertx(), nanos);
        this.lanes = List.of(configFiles, change, images, watch, check, vitals);
        lookAtBrakes();
    }

    /** Returns at once; the lanes begin their first rounds. */
    public void start() throws IOException {
        lookAtBrakes();
        log.info("farrier " + identity.version() + " starts on " + config.node().name() + " in mode " + word(mode()));
        sayDamage();
        copiers().forEach(CopyLane::start);
        tail.start(tailing);
        if (uplink != null) {
            uplink.start();
        }
        lanes.forEach(Lane::start);
    }

    private void sayDamage() {
        if (damage.isEmpty()) {
            return;
        }
        Finding finding = Catalogue.stateDamaged(damage, clock.instant());
        log.warn(finding.title() + ". " + finding.detail());
        board.put(STATE, List.of(finding));
    }

    /** What {@code farrier status} shows. */
    public JsonNode status() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("node", config.node().name());
        json.put("version", identity.version());
        json.put("mode", word(mode()));
        brakes.pause().ifPresent(on -> json.put("paused", on.sentence()));
        brakes.safeMode().ifPresent(on -> json.put("safe_mode", on.sentence()));
        onDisk.heldBack().ifPresent(words -> json.put("held_back", words));
        runtimeFacts.ifPresent(facts -> {
            ObjectNode known = json.putObject("runtime");
            known.put("name", facts.name());
            known.put("version", facts.version());
            known.put("reachable", facts.reachable());
        });
        ObjectNode collector = json.putObject("collector");
        Uplink.Status line = uplink == null ? new Uplink.Status(false, "none is configured") : uplink.status();
        collector.put("connected", line.connected());
        collector.put("detail", line.detail());
        collector.put("events_lost", state.lost());
        tail.status().ifPresent(tails -> json.set("logs", logs(tails)));
        journal.ifPresent(units -> json.set("journal", copied(units, "units")));
        dockerLogs
                .map(DockerLane::lane)
                .filter(lane -> !lane.logs().isEmpty())
                .ifPresent(lane -> json.set("docker_logs", copied(lane, "containers")));
        json.set("images", Facts.images(lastImages).get("images"));
        json.set("findings", Facts.findings(board.open()).get("findings"));
        return json;
    }

    /** What systemd shows, and heeds: whoever of the lanes does not get on. */
    public Heartbeat.State pulse() {
        return new Heartbeat.State(
                StatusLine.of(status()),
                stints().map(Stint::overrun).flatMap(Optional::stream).findFirst());
    }

    private Stream<Stint> stints() {
        return Stream.concat(
                Stream.of(state.stint(), tail.stint(), loop.stint()),
                Stream.concat(copiers().map(CopyLane::stint), lanes.stream().map(Lane::stint)));
    }

    /** How long each lane rests between its rounds, while nobody kicks it. */
    Map<String, Duration> rests() {
        return lanes.stream().collect(Collectors.toMap(Lane::name, Lane::rest));
    }

    private Stream<CopyLane> copiers() {
        return Stream.concat(journal.stream(), dockerLogs.map(DockerLane::lane).stream());
    }

    /** Reads the configuration now, as if a file had changed. Returns at once; what comes of it is in the journal. */
    public void reload() {
        log.info("Told to read the configuration again");
        configFiles.order(() -> {
            onDisk.read();
            return true;
        });
    }

    /**
     * An order by hand: applies the configuration as it is on disk now, whatever the mode. Runs on the change lane,
     * between its own rounds; fails with the report when the configuration is not valid.
     */
    public CompletableFuture<List<Outcome>> apply(Order order) {
        return configFiles
                .order(() -> {
                    onDisk.require(order);
                    return true;
                })
                .thenCompose(valid -> change.order(() -> told(work.changes().keep(order))));
    }

    public CompletableFuture<List<Outcome>> restore(String who) {
        return change.order(() -> told(work.changes().restore(Order.byHand(who))));
    }

    /** Pulls what is missing, whatever the mode. */
    public CompletableFuture<List<ImageStatus>> pull(Consumer<Frame.Progress> listener) {
        return images.order(() -> {
            brakes.checkPause("Tried to pull images");
            return pulled(listener);
        });
    }

    @Override
    public void close() throws IOException {
        Watching open = watching;
        if (open != null) {
            open.watch().close();
        }
        lanes.forEach(Lane::close);
        copiers().forEach(CopyLane::close);
        tail.close();
        if (uplink != null) {
            uplink.close();
        }
        state.close();
    }

    /** Best first. */
    private List<String> encodings() {
        return Zstandard.load(config.stateDir().resolve("native"))
                ? List.of(Encoding.ZSTD.word(), Encoding.DEFLATE.word())
                : List.of(Encoding.DEFLATE.word());
    }

    private Uplink uplink(Parts parts) throws IOException {
        FarrierConfig.CollectorLink link = config.collector().orElseThrow();
        Frame.Hello hello = new Frame.Hello(
                Frame.VERSION,
                config.node().name(),
                identity.version(),
                identity.boot(),
                encodings(),
                config.node().labels());
        return new Uplink(
                parts.vertx(),
                link,
                NodeKey.readOrMake(config.stateDir()),
                hello,
                state,
                tail,
                parts.random(),
                nanos,
                log);
    }

    private Lane lane(String name, Duration patience, IntSupplier seconds, Lane.Work round) {
        return new Lane(
                name,
                () -> Duration.ofSeconds(seconds.getAsInt()),
                patience,
                nanos,
                round,
                failure -> failed(name, failure));
    }

    private int slowed(Shed kind, int seconds) {
        return seconds * care.slowness(kind);
    }

    private void lookAtFiles() throws IOException {
        lookAtBrakes();
        onDisk.look();
        String now = work.changes().stamp();
        if (!now.equals(keptStamp)) {
            keptStamp = now;
            change.kick();
        }
    }

    private Mode mode() {
        return brakes.mode(config.mode());
    }

    private void lookAtBrakes() throws IOException {
        if (brakes.hasChanged()) {
            log.info(brakes.sentence());
            board.put(BRAKES, brakes.findings(clock.instant()));
            pullNotBefore = 0;
            List.of(change, images).forEach(Lane::kick);
        }
    }

    /** What a configuration that comes into force, or is refused, means to the lanes. */
    private final class Effect implements ConfigurationWatch.Listener {
        @Override
        public void takeEffect(FarrierConfig fresh) throws IOException {
            NodeWork old = work;
            work = configuration.furnish(fresh);
            old.checks().close();
            config = fresh;
            proofs.clear();
            board.put(PROOF, List.of());
            List<String> waiting = TakenAtStart.changed(begun, fresh);
            board.put(START, Catalogue.waitForRestart(waiting, clock.instant()));
            log.info("The configuration has changed and is in force"
                    + (waiting.isEmpty()
                            ? ""
                            : ", but for " + String.join(", ", waiting) + ", which waits for a restart of the agent")
                    + "; mode " + word(fresh.mode()));
        }

        @Override
        public void noticed() {
            tellFindings();
            pullNotBefore = 0;
            List.of(change, images, watch, check, vitals).forEach(Lane::kick);
        }
    }

    private void change() throws IOException {
        NodeWork now = work;
        if (brakes.pause().isPresent() && config.mode() != Mode.OFF) {
            board.put(CHANGE, Catalogue.changes(now.changes().plan(Order.byHand("paused")), clock.instant()));
            tellFindings();
            return;
        }
        switch (mode()) {
            case OFF -> board.put(CHANGE, List.of());
            case OBSERVE -> {
                if (brakes.safeMode().isEmpty() && keepsARegistry()) {
                    told(now.changes().keep(Order.agent()));
                }
                // As by hand: what only the mode holds is pending, and withheld is what an order would leave, too.
                board.put(CHANGE, Catalogue.changes(now.changes().plan(Order.byHand("observe")), clock.instant()));
            }
            case KEEP -> told(now.changes().keep(Order.agent()));
        }
        tellUpgrade(now);
        tellFindings();
    }

    private void tellUpgrade(NodeWork now) throws IOException {
        board.put(
                UPGRADE,
                now
                        .changes()
                        .upgrade()
                        .map(held -> Catalogue.upgradeWouldChange(held.from(), held.to(), held.plan(), clock.instant()))
                        .stream()
                        .toList());
    }

    private boolean keepsARegistry() {
        return config.registries().stream().anyMatch(registry -> registry.mode().equals(Optional.of(Mode.KEEP)));
    }

    private List<Outcome> told(List<Outcome> outcomes) {
        board.put(CHANGE, Catalogue.outcomes(withoutProofs(outcomes)));
        board.put(PROOF, Catalogue.outcomes(List.copyOf(proofs.values())));
        List<Outcome> news = outcomes.stream().filter(this::isNews).toList();
        for (Outcome outcome : news) {
            state.record(Topic.OUTCOME, Facts.outcome(outcome));
            log.info(OutcomeSentence.of(outcome));
        }
        if (!news.isEmpty()) {
            pullNotBefore = 0;
            images.kick();
            check.kick();
        }
        tellFindings();
        return outcomes;
    }

    /** What a proof said stands until the next one. */
    private List<Outcome> withoutProofs(List<Outcome> outcomes) {
        List<Outcome> others = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            if (outcome.result() == Outcome.Result.PROVEN || outcome.result() == Outcome.Result.UNPROVEN) {
                proofs.put(outcome.resource(), outcome);
            } else {
                others.add(outcome);
            }
        }
        return others;
    }

    /** What is refused stays refused at every round: it is told once. */
    private boolean isNews(Outcome outcome) {
        String said = OutcomeSentence.of(outcome);
        boolean isRepeated = said.equals(lastSaid.put(outcome.resource(), said));
        return outcome.result() != Outcome.Result.KEPT && (!outcome.done().isEmpty() || !isRepeated);
    }

    private void images() throws IOException {
        if (config.mode() == Mode.OFF) {
            return;
        }
        List<ImageStatus> found;
        try {
            found = work.images().check();
        } catch (RuntimeUnavailableException toldByWatch) {
            return;
        }
        tellImages(found);
        boolean isComplete = found.stream().allMatch(image -> image.state() == ImageStatus.State.PRESENT);
        Mode mode = brakes.mode(config.images().mode().orElse(config.mode()));
        if (mode == Mode.KEEP && brakes.pause().isEmpty() && !isComplete && nanos.getAsLong() >= pullNotBefore) {
            pulled(progress -> {});
        } else if (mode == Mode.KEEP) {
            work.images().hold(found);
        }
        board.put(IMAGES, List.of());
    }

    private List<ImageStatus> pulled(Consumer<Frame.Progress> listener) throws IOException {
        // Other pulls' events kick this lane: what failed waits for the timer, or for a change that may have cured it.
        pullNotBefore = nanos.getAsLong()
                + Duration.ofSeconds(config.intervals().imagesSeconds()).toNanos();
        ProgressBoard progress = new ProgressBoard(listener.andThen(this::passOn), status -> {}, nanos);
        List<ImageStatus> pulled = work.images().keep(progress);
        if (pulled.stream().allMatch(image -> image.state() == ImageStatus.State.PRESENT)) {
            pullNotBefore = 0;
        }
        tellImages(pulled);
        check.kick();
        return pulled;
    }

    private void passOn(Frame.Progress progress) {
        images.stint().moved();
        if (uplink != null) {
            uplink.progress(progress);
        }
    }

    private void tellImages(List<ImageStatus> found) {
        lastImages = List.copyOf(found);
        state.record(Topic.IMAGES, Facts.images(found));
    }

    private void watch() throws IOException {
        try {
            watchFromNowOn();
            List<ContainerSample> containers = runtime.containers();
            RuntimeInfo info = runtime.recentInfo();
            runtimeFacts = Optional.of(new Facts.RuntimeFacts(info.name(), info.version(), true));
            info.dataRoot().ifPresent(root -> dataRoots = Set.of(VAR_LOG, Path.of(root)));
            tellContainers(containers);
            board.put(WATCH, List.of());
        } catch (RuntimeUnavailableException away) {
            runtimeFacts = runtimeFacts.map(facts -> new Facts.RuntimeFacts(facts.name(), facts.version(), false));
            board.put(WATCH, List.of(Catalogue.runtimeUnreachable("docker", away, clock.instant())));
        }
        tellFindings();
    }

    private void watchFromNowOn() {
        if (watching == null) {
            watching = new Watching(runtime.watch(this::runtimeEvent));
        }
    }

    private void runtimeEvent(RuntimeEvent event) {
        if (uplink != null) {
            removals.heard(event).ifPresent(tail::removed);
        }
        switch (event.kind()) {
            case CONTAINER -> watch.kick();
            case IMAGE -> images.kick();
            case DAEMON, RESYNC -> List.of(watch, images, change, check).forEach(Lane::kick);
        }
    }

    private void tellContainers(List<ContainerSample> containers) {
        if (uplink != null) {
            // Without a collector nothing is held: the bytes would only fill the disk.
            removals.listed(containers);
            tail.containers(containers);
        }
        long health = Duration.ofSeconds(config.intervals().healthSeconds()).toNanos();
        boolean isDue = toldContainersAt == 0 || nanos.getAsLong() - toldContainersAt >= health;
        if (isDue || !containers.equals(toldContainers)) {
            toldContainers = List.copyOf(containers);
            toldContainersAt = nanos.getAsLong();
            state.record(Topic.CONTAINERS, Facts.containers(containers));
        }
    }

    private void check() throws IOException {
        NodeWork now = work;
        board.putResults(CHECK, now.checks().results());
        state.record(Topic.REGISTRIES, Facts.registries(now.checks().registries()));
        tellFindings();
    }

    private void vitals() throws IOException {
        // etcd waits for a processor while we have it, and its fsyncs may take tenths of milliseconds only (SAFETY 23).
        tail.unhurried(besideEtcd.getAsBoolean());
        Optional<NodeSample> sample = Optional.of(work.vitals().sample());
        tellNode(sample);
        lookAtOwnCost();
        board.put(VITALS, List.of());
        board.put(
                LOGS,
                tail.status()
                        .map(status -> ShippedLogs.findings(status, clock.instant()))
                        .orElse(List.of()));
        tellFindings();
    }

    private void lookAtOwnCost() throws IOException {
        Optional<OwnCost.Sample> own = work.vitals().own();
        if (own.isPresent() && care.look(own.get(), config.budget())) {
            tail.rest(care.shed() == Shed.LOGS);
            log.warn(care.sentence().orElse("The agent is within its budget again and does all its work"));
        }
        board.put(
                COST,
                care.sentence().map(words -> Catalogue.overBudget(words, clock.instant())).stream()
                        .toList());
    }

    private void tellNode(Optional<NodeSample> sample) {
        state.record(
                Topic.NODE,
                Facts.node(new Facts.NodeFacts(
                        identity.version(), identity.os(), identity.kernel(), word(mode()), runtimeFacts, sample)));
    }

    private void failed(String lane, Exception failure) {
        log.seldom("The " + lane + " lane failed and goes on: " + failure);
        board.put(lane, List.of(Catalogue.laneFailed(lane, failure, clock.instant())));
        if (lane.equals(VITALS)) {
            tellNode(Optional.empty());
        }
        tellFindings();
    }

    private void tellFindings() {
        board.news().ifPresent(findings -> state.record(Topic.FINDINGS, Facts.findings(findings)));
    }

    private static JsonNode logs(Tail.Status tails) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("containers", tails.containers());
        json.put("sources", tails.sources());
        json.put("held_by_descriptor_only", tails.heldByDescriptorOnly());
        json.put("held_bytes", tails.heldBytes());
        json.put("waiting_bytes", tails.waitingBytes());
        json.put("problems", tails.problems());
        tails.lastProblem().ifPresent(problem -> json.put("last_problem", problem));
        return json;
    }

    private static JsonNode copied(CopyLane lane, String what) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        lane.logs().keySet().forEach(json.putArray(what)::add);
        json.put("bytes", lane.status().bytes());
        json.put("waits_for_collector", lane.status().isFull());
        lane.status().problem().ifPresent(problem -> json.put("problem", problem));
        return json;
    }

    private static String word(Mode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    /** Nobody listens: the files wait, bounded by the hold budget. */
    private static final class NoCollector implements LogSink {
        @Override
        public long connection() {
            return NONE;
        }

        @Override
        public long room() {
            return 0;
        }

        @Override
        public boolean isDrained() {
            return true;
        }

        @Override
        public void send(long connection, Frame frame) {}

        @Override
        public void flush() {}

        @Override
        public void forget(SourceId source) {}
    }
}
