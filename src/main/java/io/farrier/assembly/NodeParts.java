package io.farrier.assembly;

import io.farrier.agent.NodeWork;
import io.farrier.check.CaExpiryCheck;
import io.farrier.check.Check;
import io.farrier.check.CheckResult;
import io.farrier.check.ConfiguredTrust;
import io.farrier.check.Doctor;
import io.farrier.check.ImagesCheck;
import io.farrier.check.InsecureConfigurationCheck;
import io.farrier.check.InsecureRuntimeCheck;
import io.farrier.check.NodeStatus;
import io.farrier.check.PausedCheck;
import io.farrier.check.PendingChangesCheck;
import io.farrier.check.RegistryQuestion;
import io.farrier.check.RegistryRoll;
import io.farrier.check.RegistryTrustCheck;
import io.farrier.check.RememberedTrust;
import io.farrier.check.RuntimeCheck;
import io.farrier.check.RuntimeProcess;
import io.farrier.check.RuntimeRules;
import io.farrier.check.RuntimeView;
import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.KeptFile;
import io.farrier.config.Loaded;
import io.farrier.config.Mode;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ArchiveLoader;
import io.farrier.images.ArchiveSaver;
import io.farrier.images.ArchiveShelf;
import io.farrier.images.Forecast;
import io.farrier.images.ImageDisk;
import io.farrier.images.ImageKeeper;
import io.farrier.images.ImageLock;
import io.farrier.images.LoginBoard;
import io.farrier.images.Mirror;
import io.farrier.images.Profile;
import io.farrier.images.ProofImages;
import io.farrier.images.Prospects;
import io.farrier.images.Sources;
import io.farrier.images.UploadSessions;
import io.farrier.images.WantedImages;
import io.farrier.keep.Managed;
import io.farrier.keep.containerd.HostsDirectory;
import io.farrier.keep.docker.CertsDirectory;
import io.farrier.keep.docker.DaemonJsonFile;
import io.farrier.keep.docker.RunningDockerd;
import io.farrier.keep.rancher.RancherNode;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.keep.rancher.RancherService;
import io.farrier.keep.rancher.RegistriesYamlFile;
import io.farrier.ledger.Ledger;
import io.farrier.node.DaemonProcess;
import io.farrier.node.JournalSocket;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeLock;
import io.farrier.plan.DaemonName;
import io.farrier.plan.FileState;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Resource;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.ContainersSeen;
import io.farrier.reconcile.HandScript;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.NoRuntime;
import io.farrier.reconcile.Order;
import io.farrier.reconcile.Prover;
import io.farrier.reconcile.PullProof;
import io.farrier.reconcile.Repairs;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Names;
import io.farrier.registry.RefusedLogins;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.registry.RegistryProbe;
import io.farrier.route.Rules;
import io.farrier.runtime.Daemon;
import io.farrier.runtime.LiveSettings;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.RuntimeFinder.Kind;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.runtime.docker.DockerDaemon;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.RegistryStatus;
import io.farrier.vitals.Disks;
import io.farrier.vitals.Vitals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What keeps and checks a node as one configuration says; another configuration gets parts of its own. */
final class NodeParts {
    /** Longer than the longest transaction that another writer may be in the middle of. */
    private static final Duration LOCK_PATIENCE = Duration.ofMinutes(2);

    private static final int ROOT_ONLY = 0700;

    private static final int READABLE = 0644;

    /** A registry that does not answer takes most of this; the checks run two at a time. */
    private static final Duration CHECK_DEADLINE = Duration.ofSeconds(30);

    /** Where etcd keeps its data: RKE, k3s, RKE2. */
    private static final List<Path> ETCD = List.of(
            Path.of("var/lib/etcd/member"),
            Path.of("var/lib/rancher/k3s/server/db/etcd"),
            Path.of("var/lib/rancher/rke2/server/db/etcd"));

    private final Machine machine;
    private final NodeRuntime runtime;
    private final FarrierConfig config;
    private final String fingerprint;
    private final NodeFiles files;
    private final Ledger ledger;
    private final LoginMemory logins;
    private final Repairs repairs;
    private final Prover prover;
    private final Map<RegistryHost, Registry> registries = new HashMap<>();
    private final Map<Kind, RuntimeProcess> processes = new EnumMap<>(Kind.class);

    NodeParts(Machine machine, NodeRuntime runtime, Loaded<FarrierConfig> loaded) throws IOException {
        this.machine = machine;
        this.runtime = runtime;
        this.config = loaded.config();
        this.fingerprint = loaded.fingerprint();
        this.files = machine.files();
        this.ledger = new Ledger(
                files, config.stateDir(), machine.isThisNode() ? JournalSocket.ofSystem() : JournalSocket.NONE);
        this.logins = new RefusedLogins(files, config.stateDir(), machine.clock());
        this.repairs = new Repairs(config.changes().repairsPerHour(), machine.clock());
        this.prover = prover();
    }

    FarrierConfig config() {
        return config;
    }

    Ledger ledger() {
        return ledger;
    }

    HandScript handScript() {
        return new HandScript(files, ledger);
    }

    NodeLogs logs() {
        return new NodeLogs(config.logs(), files, runtime);
    }

    // ---- keeping files

    Keeper keeper() throws IOException {
        return new Keeper(
                resources(),
                files,
                ledger,
                lock(files, config.stateDir()),
                new Brakes(machine.pause(), policy(), containersSeen()),
                repairs,
                daemons(),
                prover,
                new Keeper.Version(Build.version(), fingerprint),
                machine.clock());
    }

    static NodeLock lock(NodeFiles files, Path stateDir) {
        return new NodeLock(files, stateDir.resolve("lock"), LOCK_PATIENCE);
    }

    private List<Resource<?>> resources() {
        return runtime.kind()
                .map(this::resources)
                .orElseGet(() -> List.of(new NoRuntime(isAnythingWanted(), runtime.tried())));
    }

    private List<Resource<?>> resources(Kind kind) {
        return switch (kind) {
            case DOCKER, RKE ->
                List.of(
                        managed(KeptFile.CERTS_D, new CertsDirectory(config, files, ledger)),
                        managed(KeptFile.DAEMON_JSON, new DaemonJsonFile(config, files, ledger, dockerd())));
            case K3S -> List.of(managed(KeptFile.REGISTRIES_YAML, registriesYaml(Distribution.K3S)));
            case RKE2 -> List.of(managed(KeptFile.REGISTRIES_YAML, registriesYaml(Distribution.RKE2)));
            case CONTAINERD -> List.of(managed(KeptFile.HOSTS_TOML, new HostsDirectory(config, files, ledger)));
        };
    }

    private Prover prover() throws IOException {
        if (!machine.isThisNode()) {
            return Prover.NONE;
        }
        ProofImages images =
                new ProofImages(runtime.runtime(), wanted(config.images().keep()));
        return new PullProof(
                runtime.runtime(), registry -> proofImage(registry, images), this::credentials, machine.clock());
    }

    private Optional<PullProof.Image> proofImage(RegistryHost host, ProofImages images) {
        return config.registries().stream()
                .filter(registry -> registry.host().equals(host))
                .flatMap(registry -> registry.proof().stream())
                .findFirst()
                .or(() -> images.smallestOf(host))
                .map(reference -> new PullProof.Image(reference, images.isWanted(reference)));
    }

    private Resource<?> managed(KeptFile file, Resource<?> resource) {
        return new Managed<>(resource, file, config.manage(file), ledger);
    }

    /** Differs whenever somebody wrote a file that is kept; cheap enough for every few seconds. */
    private String stamp() throws IOException {
        StringBuilder stamps = new StringBuilder();
        for (Resource<?> resource : resources()) {
            for (Path path : resource.watched()) {
                stamps.append(path).append(' ').append(files.stamp(path)).append('\n');
            }
        }
        return stamps.toString();
    }

    private boolean isAnythingWanted() {
        return !config.registries().isEmpty() || !config.mirrors().isEmpty();
    }

    private Optional<RunningDockerd> dockerd() {
        return machine.isThisNode()
                ? Optional.of(new RunningDockerd(
                        runtime.runtime(), machine.processes(), dockerdProcess(), machine.commands()))
                : Optional.empty();
    }

    private RegistriesYamlFile registriesYaml(Distribution distribution) {
        return new RegistriesYamlFile(config, distribution, files, ledger, rancher(distribution));
    }

    /** Empty below another root, where no daemon is talked to. */
    private Optional<RancherService> rancher(Distribution distribution) {
        return machine.isThisNode()
                ? Optional.of(new RancherService(
                        RancherNode.look(distribution, files).daemon(),
                        runtime.runtime(),
                        machine.commands(),
                        machine.processes(),
                        runtime.criSocket()))
                : Optional.empty();
    }

    /** Those that may be told to read what was written. */
    private Map<DaemonName, Daemon> daemons() {
        if (!machine.isThisNode()) {
            return Map.of();
        }
        Optional<Distribution> distribution = runtime.kind().flatMap(NodeParts::distribution);
        Daemon daemon =
                distribution.flatMap(this::rancher).map(Daemon.class::cast).orElseGet(this::dockerDaemon);
        return Map.of(daemon.name(), daemon);
    }

    /** A restart of k3s or RKE2 stops none. */
    private ContainersSeen containersSeen() {
        return machine.isThisNode() && runtime.isDockerNode()
                ? ContainersSeen.of(runtime.runtime())
                : ContainersSeen.NONE;
    }

    private static Optional<Distribution> distribution(Kind kind) {
        return switch (kind) {
            case K3S -> Optional.of(Distribution.K3S);
            case RKE2 -> Optional.of(Distribution.RKE2);
            case DOCKER, RKE, CONTAINERD -> Optional.empty();
        };
    }

    private Brakes.Policy policy() {
        Map<RegistryHost, Boolean> own = new HashMap<>();
        config.registries()
                .forEach(registry -> registry.mode().ifPresent(mode -> own.put(registry.host(), mode == Mode.KEEP)));
        return new Brakes.Policy(
                config.mode() == Mode.KEEP,
                own,
                config.runtime().restart() == FarrierConfig.Restart.ALLOW,
                config.changes().allowRemoval());
    }

    private Daemon dockerDaemon() {
        DaemonProcess dockerd = dockerdProcess();
        return new DockerDaemon(
                new DockerRuntime(machine.http(), dockerd.sockets().get(0)),
                () -> machine.processes().hangUp(dockerd, machine.processes().find(dockerd)),
                () -> machine.processes().restart(dockerd));
    }

    private DaemonProcess dockerdProcess() {
        return runtime.dockerSocket().map(DaemonProcess.DOCKERD::at).orElse(DaemonProcess.DOCKERD);
    }

    // ---- keeping images

    ImageKeeper images() throws IOException {
        return ImageKeeper.of(runtime.runtime(), wanted(config.images().keep()), machine.clock())
                .as(config.images().pulls(), runtime.isDockerNode())
                .at(isEtcdNode() ? 1 : config.images().parallel())
                .locked(lock())
                .with(this::credentials)
                .from(new Sources(config.mirrors(), config.images().pulls().fallbacks()))
                .lookingFirst(prospects())
                .andFrom(shelf())
                .on(ImageDisk.at(runtime::dataRoot))
                .build();
    }

    /** etcd waits for its disk and its network before it calls an election: pulls there come one at a time. */
    private boolean isEtcdNode() {
        return ETCD.stream().anyMatch(path -> Files.isDirectory(machine.root().resolve(path)));
    }

    /** What the lock file says now; without one, nothing is pinned. */
    ImageLock lock() throws IOException {
        Path file = config.images().pulls().lock();
        try {
            byte[] text = machine.trusted().read(file, ImageLock.MAX_BYTES);
            return ImageLock.parse(file, new String(text, StandardCharsets.UTF_8));
        } catch (NoSuchFileException none) {
            return ImageLock.EMPTY;
        }
    }

    /** Beside the configuration it belongs to, readable for all as a list file is. */
    Path lock(ImageLock lock) throws IOException {
        Path file = config.images().pulls().lock();
        files.replace(file, FileState.of(lock.text().getBytes(StandardCharsets.UTF_8), READABLE));
        return file;
    }

    /** What the node holds already; without a runtime, as on an admin's machine, that is nothing. */
    List<Reference> imagesHere() throws IOException {
        try {
            return images().held().stream()
                    .map(image -> Reference.parse(image.reference()))
                    .toList();
        } catch (RuntimeUnavailableException none) {
            return List.of();
        }
    }

    Prospects prospects() {
        return new Prospects(content(), this::registry, Platform.ofThisNode());
    }

    RegistryContent content() {
        return new RegistryContent(machine.http(), machine.clock(), logins);
    }

    private ArchiveShelf shelf() throws IOException {
        return new ArchiveShelf(
                machine.trusted(),
                config.stateDir().resolve("images"),
                Platform.ofThisNode(),
                machine.root().resolve(Path.of("/").relativize(config.stateDir())));
    }

    /** These and the configured profiles, each under the name pods ask for. */
    WantedImages wanted(List<Reference> listed) throws IOException {
        List<Profile> profiles = new ArrayList<>();
        for (String name : config.images().profiles()) {
            profiles.add(Profile.named(name));
        }
        return WantedImages.of(listed, profiles, config.images().systemDefaultRegistry());
    }

    /** These alone, each under the name pods ask for. */
    WantedImages only(List<Reference> listed) {
        return WantedImages.of(listed, List.of(), config.images().systemDefaultRegistry());
    }

    Forecast forecast() throws IOException {
        return new Forecast(
                prospects(),
                new Sources(config.mirrors(), config.images().pulls().fallbacks()),
                lock(),
                config.registries().stream().map(FarrierConfig.Registry::host).toList());
    }

    ArchiveSaver saver(Platform platform) {
        return new ArchiveSaver(content(), this::registry, platform);
    }

    ArchiveLoader loader() throws IOException {
        return new ArchiveLoader(
                runtime.runtime(),
                wanted(config.images().keep()),
                lock(),
                Platform.ofThisNode(),
                Path.of(System.getProperty("java.io.tmpdir")));
    }

    Mirror mirror() throws IOException {
        machine.files().makeFolders(config.stateDir(), ROOT_ONLY);
        return new Mirror(
                content(), this::registry, UploadSessions.in(config.stateDir().resolve("mirror.sessions")));
    }

    /** Where k3s or RKE2 import archives from; empty on other nodes. */
    Optional<Path> agentImages() {
        return runtime.kind()
                .flatMap(NodeParts::distribution)
                .map(distribution -> Path.of("/var/lib/rancher", word(distribution), "agent/images"));
    }

    private static String word(Distribution distribution) {
        return distribution.name().toLowerCase(Locale.ROOT);
    }

    /** None while it is held back after a refusal: the registry then says that it wants one, and nothing is locked. */
    private Optional<RegistryCredentials> credentials(RegistryHost host) {
        return registry(host)
                .login()
                .filter(login -> logins.heldUntil(host, login).isEmpty())
                .map(login -> new RegistryCredentials(host, login.username(), login.password()));
    }

    /** How one registry is talked to; one that is not configured has the system's trust and no login. */
    private synchronized Registry registry(RegistryHost host) {
        return registries.computeIfAbsent(host, this::newRegistry);
    }

    private Registry newRegistry(RegistryHost host) {
        try {
            Optional<FarrierConfig.Registry> configured = config.registries().stream()
                    .filter(registry -> registry.host().equals(host))
                    .findFirst();
            return configured.isPresent()
                    ? asConfigured(configured.get())
                    : Registry.trusting(host, new byte[0], Optional.empty());
        } catch (IOException checkedByConfig) {
            throw new UncheckedIOException(checkedByConfig);
        }
    }

    private static Registry asConfigured(FarrierConfig.Registry configured) throws IOException {
        Optional<Registry.Login> login =
                configured.auth().map(auth -> new Registry.Login(auth.username(), auth.password()));
        if (configured.insecure()) {
            return Registry.insecure(configured.host(), login);
        }
        Registry verified = Registry.trusting(configured.host(), configured.ca().orElseGet(() -> new byte[0]), login)
                .withRealmHosts(
                        configured.auth().map(FarrierConfig.Login::realmHosts).orElse(Set.of()));
        return configured
                .client()
                .map(pair -> verified.withClient(pair.cert(), pair.key()))
                .orElse(verified);
    }

    // ---- looking

    /** Every check: for whom no agent looks. */
    Doctor doctor() throws IOException {
        List<Check> checks = new ArrayList<>(List.of(
                new RuntimeCheck(
                        runtime.runtime()::info,
                        runtime.kind().map(NodeParts::word).orElse("docker")),
                new PausedCheck(machine.pause()),
                new PendingChangesCheck(() -> keeper().plan(Order.byHand("doctor")))));
        checks.addAll(checksOfTheNode(this::ask, images()));
        return new Doctor(checks, CHECK_DEADLINE, machine.clock());
    }

    NodeStatus status(Doctor doctor) throws IOException {
        return NodeStatus.look(config, runtime.runtime(), images()::check, doctor);
    }

    private List<Check> checksOfTheNode(RegistryQuestion question, ImageKeeper images) {
        return List.of(
                new RegistryTrustCheck(() -> config, question),
                new InsecureConfigurationCheck(() -> config),
                new InsecureRuntimeCheck(() -> config, runtime.runtime()::info),
                new CaExpiryCheck(() -> config),
                new ImagesCheck(images::check));
    }

    private RegistryQuestion.Verdict ask(FarrierConfig.Registry registry) throws IOException {
        return registryQuestion().ask(registry);
    }

    /** As the node's runtime sees registries; where it cannot be asked, as the configuration has them. */
    private RegistryQuestion registryQuestion() throws IOException {
        return runtime.kind().isPresent() && machine.isThisNode()
                ? view()
                : new ConfiguredTrust(this::registry, probe());
    }

    /** @throws IOException when there is no runtime, or it does not say what is in effect */
    RuntimeView view() throws IOException {
        Kind kind = runtime.kind()
                .orElseThrow(() -> new IOException("Tried to see how this node's runtime finds registries, but there is"
                        + " none: looked for " + runtime.tried() + "."));
        return new RuntimeView(
                kind.isDocker() ? "docker" : "containerd",
                rules(kind),
                files,
                machine.isThisNode() ? Optional.of(process(kind)) : Optional.empty(),
                this::registry,
                probe());
    }

    private Rules rules(Kind kind) throws IOException {
        return switch (kind) {
            case DOCKER, RKE -> RuntimeRules.docker(liveSettings(), NodeParts::addresses);
            case K3S -> RuntimeRules.rancher(files, Distribution.K3S.registriesYaml());
            case RKE2 -> RuntimeRules.rancher(files, Distribution.RKE2.registriesYaml());
            case CONTAINERD -> RuntimeRules.containerd(files, HostsDirectory.folderOf(files));
        };
    }

    private LiveSettings liveSettings() throws IOException {
        return runtime.runtime()
                .info()
                .live()
                .orElseThrow(() -> new IOException(
                        "Tried to ask dockerd for its registries, but it did not say what is in effect."));
    }

    private static List<byte[]> addresses(String host) {
        try {
            return Stream.of(Names.OF_THIS_NODE.resolve(host))
                    .map(InetAddress::getAddress)
                    .toList();
        } catch (UnknownHostException unknown) {
            return List.of();
        }
    }

    private synchronized RuntimeProcess process(Kind kind) {
        return processes.computeIfAbsent(
                kind, any -> new RuntimeProcess(daemonProcess(any), machine.processes(), files));
    }

    private DaemonProcess daemonProcess(Kind kind) {
        return kind.isDocker()
                ? dockerdProcess()
                : new DaemonProcess(
                        "containerd",
                        List.of("containerd.service"),
                        List.of(runtime.criSocket()),
                        List.of(Path.of("/run/containerd/containerd.pid")));
    }

    private RegistryProbe probe() {
        return new RegistryProbe(Names.OF_THIS_NODE, machine.clock(), logins);
    }

    /** Each once: the configured registries, then the endpoints of mirrors. */
    List<RegistryHost> registryHosts() {
        return Stream.concat(
                        config.registries().stream().map(FarrierConfig.Registry::host),
                        config.mirrors().values().stream()
                                .flatMap(mirror -> mirror.endpoints().stream())
                                .map(endpoint -> new RegistryHost(endpoint.getAuthority())))
                .distinct()
                .toList();
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    // ---- the agent's lanes

    /** The agent's own lanes tell of the runtime, the configuration and pending changes; its checks are the others. */
    NodeWork work() throws IOException {
        ImageKeeper images = images();
        // Asked anew each time: Docker may be installed, or replaced, while the agent runs.
        RegistryQuestion question = new RememberedTrust(this::ask, machine.clock());
        Doctor doctor = new Doctor(checksOfTheNode(question, images), CHECK_DEADLINE, machine.clock());
        RegistryRoll roll = new RegistryRoll(config, () -> keeper().plan(Order.byHand("status")), question);
        Vitals vitals = new Vitals(Path.of("/proc"), new Disks(this::disks));
        return new NodeWork(changes(), imagesOf(images), checks(doctor, roll), vitals::sample);
    }

    private List<Path> disks() {
        List<Path> paths = new ArrayList<>(List.of(Path.of("/"), Path.of("/var/log"), config.stateDir()));
        runtime.dataRoot().ifPresent(paths::add);
        return paths;
    }

    private NodeWork.Changes changes() {
        return new NodeWork.Changes() {
            @Override
            public NodePlan plan(Order order) throws IOException {
                return keeper().plan(order);
            }

            @Override
            public List<Outcome> keep(Order order) throws IOException {
                return keeper().keep(order);
            }

            @Override
            public List<Outcome> restore(Order order) throws IOException {
                return keeper().restore(order);
            }

            @Override
            public String stamp() throws IOException {
                return NodeParts.this.stamp();
            }
        };
    }

    private NodeWork.Images imagesOf(ImageKeeper keeper) {
        return new NodeWork.Images() {
            @Override
            public void hold(List<ImageStatus> images) throws IOException {
                keeper.hold(images);
            }

            @Override
            public List<ImageStatus> check() throws IOException {
                return keeper.check();
            }

            @Override
            public List<ImageStatus> keep(ImageKeeper.PullBoard board) throws IOException {
                return keeper.keep(new LoginBoard(board, logins, NodeParts.this::registry));
            }
        };
    }

    private static NodeWork.Checks checks(Doctor doctor, RegistryRoll roll) {
        return new NodeWork.Checks() {
            @Override
            public List<CheckResult> results() {
                return doctor.results();
            }

            @Override
            public List<RegistryStatus> registries() throws IOException {
                return roll.call();
            }

            @Override
            public void close() {
                doctor.close();
            }
        };
    }
}
