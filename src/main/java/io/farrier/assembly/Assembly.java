package io.farrier.assembly;

import io.farrier.check.CaExpiryCheck;
import io.farrier.check.Check;
import io.farrier.check.ConfigurationCheck;
import io.farrier.check.ConfiguredTrust;
import io.farrier.check.DockerTrust;
import io.farrier.check.Doctor;
import io.farrier.check.ImagesCheck;
import io.farrier.check.InsecureConfigurationCheck;
import io.farrier.check.InsecureRuntimeCheck;
import io.farrier.check.PendingChangesCheck;
import io.farrier.check.RegistryQuestion;
import io.farrier.check.RegistryTrustCheck;
import io.farrier.check.RuntimeCheck;
import io.farrier.config.CollectorConfig;
import io.farrier.config.ConfigLoader;
import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Distribution;
import io.farrier.config.InvalidConfigException;
import io.farrier.config.Loaded;
import io.farrier.config.Mode;
import io.farrier.config.TrustedFiles;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.Forecast;
import io.farrier.images.ImageKeeper;
import io.farrier.images.Profile;
import io.farrier.images.WantedImages;
import io.farrier.keep.docker.CertsDirectory;
import io.farrier.keep.docker.DaemonJsonFile;
import io.farrier.keep.docker.RunningDockerd;
import io.farrier.ledger.Ledger;
import io.farrier.node.Commands;
import io.farrier.node.DaemonProcess;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeLock;
import io.farrier.node.ProcessCommands;
import io.farrier.node.Processes;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.ContainersSeen;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.NotKeptYet;
import io.farrier.reconcile.Order;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryClient;
import io.farrier.registry.RegistryLook;
import io.farrier.runtime.AppearingRuntime;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.Daemon;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.RuntimeFinder;
import io.farrier.runtime.RuntimeFinder.Found;
import io.farrier.runtime.RuntimeFinder.Kind;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.runtime.docker.DockerDaemon;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.transport.Http;
import io.farrier.transport.Trust;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How farrier is put together, from the node up to the verbs; read from top to bottom. Each part is made when it is first
 * asked for, so that a verb pays only for what it uses.
 */
public final class Assembly implements AutoCloseable {
    /** Longer than the longest transaction that another writer may be in the middle of. */
    private static final Duration LOCK_PATIENCE = Duration.ofMinutes(2);

    /** A registry that does not answer takes most of this; the checks run two at a time. */
    private static final Duration CHECK_DEADLINE = Duration.ofSeconds(30);

    private final Path configFile;
    private final Path root;
    private final Clock clock = Clock.systemUTC();
    private final Commands commands = new ProcessCommands();
    private final Processes processes = new Processes(commands);
    private final Map<RegistryHost, Registry> registries = new HashMap<>();
    private @Nullable Loaded<FarrierConfig> loaded;
    private @Nullable Vertx vertx;
    private @Nullable Http http;
    private @Nullable AppearingRuntime runtime;
    private @Nullable Doctor doctor;

    /**
     * @param configFile as the node sees it, below {@code root}
     * @param root {@code /} for this node; below any other no daemon is talked to
     */
    public Assembly(Path configFile, Path root) {
        this.configFile = configFile.toAbsolutePath();
        this.root = root.toAbsolutePath().normalize();
    }

    // ---- configuration

    public FarrierConfig config() throws IOException {
        return loaded().config();
    }

    private Loaded<FarrierConfig> loaded() throws IOException {
        Loaded<FarrierConfig> known = loaded;
        if (known == null) {
            known = loader(TrustedFiles.below(root, TrustedFiles.currentUser())).load(configFile);
            loaded = known;
        }
        return known;
    }

    /** Of files that do not rule this node: whoever wrote them. */
    public static Loaded<?> readForReview(Path file) throws InvalidConfigException {
        ConfigLoader loader = loader(TrustedFiles.ofAnyone(Path.of("/")));
        boolean isCollectors = String.valueOf(file.getFileName()).startsWith("collector");
        return isCollectors ? loader.loadCollector(file) : loader.load(file);
    }

    private static ConfigLoader loader(TrustedFiles files) {
        return new ConfigLoader(files, hostName(), Clock.systemUTC());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "node";
        }
    }

    // ---- the node, its runtime and registries

    private boolean isThisNode() {
        return root.equals(Path.of("/"));
    }

    private NodeFiles files() throws IOException {
        return NodeFiles.below(root);
    }

    private Ledger ledger() throws IOException {
        return new Ledger(files(), config().stateDir());
    }

    private synchronized Vertx vertx() {
        Vertx known = vertx;
        if (known == null) {
            known = Vertx.vertx(new VertxOptions()
                    .setEventLoopPoolSize(1)
                    .setWorkerPoolSize(4)
                    .setInternalBlockingPoolSize(4)
                    .setBlockedThreadCheckInterval(1)
                    .setBlockedThreadCheckIntervalUnit(TimeUnit.HOURS));
            vertx = known;
        }
        return known;
    }

    private synchronized Http http() {
        Http known = http;
        if (known == null) {
            known = new Http(vertx());
            http = known;
        }
        return known;
    }

    /** Docker or containerd, whichever the node has, as soon as it has one. */
    public synchronized ContainerRuntime runtime() throws IOException {
        AppearingRuntime known = runtime;
        if (known == null) {
            known = new AppearingRuntime(finder(), this::open);
            runtime = known;
        }
        return known;
    }

    private ContainerRuntime open(Found found) {
        return found.kind().isDocker()
                ? new DockerRuntime(http(), found.socket())
                : new CriRuntime(http(), found.socket());
    }

    private RuntimeFinder finder() throws IOException {
        return new RuntimeFinder(
                root,
                wantedKind(config().node().distribution()),
                config().runtime().socket());
    }

    private static Optional<Kind> wantedKind(Distribution distribution) {
        return distribution == Distribution.AUTO ? Optional.empty() : Optional.of(Kind.valueOf(distribution.name()));
    }

    /** How one registry is talked to; one that is not configured has the system's trust and no login. */
    private synchronized Registry registry(RegistryHost host) {
        return registries.computeIfAbsent(host, this::newRegistry);
    }

    private Registry newRegistry(RegistryHost host) {
        try {
            Optional<FarrierConfig.Registry> configured = config().registries().stream()
                    .filter(registry -> registry.host().equals(host))
                    .findFirst();
            return configured.isPresent()
                    ? asConfigured(configured.get())
                    : new Registry(host, Trust.ofSystem(), false, Optional.empty(), Set.of());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Registry asConfigured(FarrierConfig.Registry configured) throws IOException {
        Trust trust = configured.ca().isPresent() ? Trust.withCa(configured.ca().get()) : Trust.ofSystem();
        if (configured.client().isPresent()) {
            trust = trust.withClient(
                    configured.client().get().cert(), configured.client().get().key());
        }
        return new Registry(
                configured.host(),
                configured.insecure() ? Trust.blind() : trust,
                configured.insecure(),
                configured.auth().map(login -> new Registry.Login(login.username(), login.password())),
                Set.of());
    }

    private RegistryLook look() {
        return new RegistryLook(http(), clock);
    }

    // ---- keeping files

    public Keeper keeper() throws IOException {
        return new Keeper(
                resources(),
                files(),
                ledger(),
                new NodeLock(files(), config().stateDir().resolve("lock"), LOCK_PATIENCE),
                new Brakes(
                        files(), policy(config()), isThisNode() ? ContainersSeen.of(runtime()) : ContainersSeen.NONE),
                isThisNode() ? Map.of(RunningDockerd.NAME, dockerDaemon()) : Map.of(),
                new Keeper.Version(Build.version(), loaded().fingerprint()),
                clock);
    }

    private static Brakes.Policy policy(FarrierConfig config) {
        Map<RegistryHost, Boolean> own = new HashMap<>();
        config.registries()
                .forEach(registry -> registry.mode().ifPresent(mode -> own.put(registry.host(), mode == Mode.KEEP)));
        return new Brakes.Policy(
                config.mode() == Mode.KEEP, own, config.runtime().restart() == FarrierConfig.Restart.ALLOW);
    }

    private List<Resource<?>> resources() throws IOException {
        if (!isDockerNode()) {
            return List.of(notKeptYet());
        }
        return List.of(
                new CertsDirectory(config(), files(), ledger()),
                new DaemonJsonFile(
                        config(), files(), ledger(), isThisNode() ? Optional.of(runningDockerd()) : Optional.empty()));
    }

    private Resource<?> notKeptYet() throws IOException {
        boolean wanted = !config().registries().isEmpty() || !config().mirrors().isEmpty();
        String because = kind().map(kind -> "this version does not keep the registries of " + word(kind) + " nodes.")
                .orElse("there is no container runtime: tried " + finder().tried() + ".");
        return new NotKeptYet(new ResourceName("node/registries"), wanted, because);
    }

    private boolean isDockerNode() throws IOException {
        return kind().map(Kind::isDocker).orElse(false);
    }

    /** What this node runs, or, while nothing runs, what it was made to run. */
    private Optional<Kind> kind() throws IOException {
        RuntimeFinder finder = finder();
        return finder.find().map(Found::kind).or(finder::installed);
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private RunningDockerd runningDockerd() throws IOException {
        return new RunningDockerd(runtime(), processes, dockerdProcess(), commands);
    }

    private Daemon dockerDaemon() throws IOException {
        DaemonProcess dockerd = dockerdProcess();
        return new DockerDaemon(
                new DockerRuntime(http(), dockerd.sockets().get(0)),
                () -> processes.hangUp(dockerd, processes.find(dockerd)),
                () -> processes.restart(dockerd));
    }

    private DaemonProcess dockerdProcess() throws IOException {
        return finder().find()
                .filter(found -> found.kind().isDocker())
                .map(found -> DaemonProcess.DOCKERD.at(found.socket()))
                .orElse(DaemonProcess.DOCKERD);
    }

    // ---- keeping images

    public ImageKeeper images() throws IOException {
        FarrierConfig.Images images = config().images();
        return new ImageKeeper(runtime(), wantedImages(images.keep()), this::credentials, images.parallel(), clock);
    }

    /** The references of list files, or, without any, all that the configuration wants. */
    public List<Reference> wanted(List<Path> lists) throws IOException {
        if (lists.isEmpty()) {
            return wantedImages(config().images().keep()).references();
        }
        List<Reference> listed = new ArrayList<>();
        for (Path list : lists) {
            listed.addAll(loader(TrustedFiles.ofAnyone(Path.of("/"))).loadList(list.toAbsolutePath()));
        }
        return WantedImages.of(listed, List.of(), config().images().systemDefaultRegistry())
                .references();
    }

    private WantedImages wantedImages(List<Reference> listed) throws IOException {
        List<Profile> profiles = new ArrayList<>();
        for (String name : config().images().profiles()) {
            profiles.add(Profile.named(name));
        }
        return WantedImages.of(listed, profiles, config().images().systemDefaultRegistry());
    }

    private Optional<RegistryCredentials> credentials(RegistryHost host) {
        return registry(host).login().map(login -> new RegistryCredentials(host, login.username(), login.password()));
    }

    public Forecast forecast() {
        return new Forecast(new RegistryClient(http(), look()), this::registry);
    }

    // ---- looking

    public Doctor doctor() throws IOException {
        Doctor known = doctor;
        if (known == null) {
            known = new Doctor(checks(), CHECK_DEADLINE, clock);
            doctor = known;
        }
        return known;
    }

    private List<Check> checks() throws IOException {
        FarrierConfig config = config();
        ContainerRuntime node = runtime();
        return List.of(
                new ConfigurationCheck(Optional::empty),
                new RuntimeCheck(node::info, kind().map(Assembly::word).orElse("docker")),
                new PendingChangesCheck(() -> keeper().plan(Order.byHand("doctor"))),
                new RegistryTrustCheck(() -> config, registryQuestion()),
                new InsecureConfigurationCheck(() -> config),
                new InsecureRuntimeCheck(() -> config, node::info),
                new CaExpiryCheck(() -> config),
                new ImagesCheck(images()::check));
    }

    private RegistryQuestion registryQuestion() throws IOException {
        return isDockerNode()
                ? new DockerTrust(files(), runtime()::info, look())
                : new ConfiguredTrust(this::registry, look());
    }

    // ---- the collector

    public static CollectorConfig collectorConfig(Path file) throws IOException {
        return loader(TrustedFiles.below(Path.of("/"), TrustedFiles.currentUser()))
                .loadCollector(file.toAbsolutePath())
                .config();
    }

    @Override
    public void close() {
        if (doctor != null) {
            doctor.close();
        }
        if (runtime != null) {
            runtime.close();
        }
        if (http != null) {
            http.close();
        }
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
