package io.farrier.assembly;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.KeptFile;
import io.farrier.config.Loaded;
import io.farrier.config.Mode;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ProofImages;
import io.farrier.keep.AddressedRegistries;
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
import io.farrier.ledger.StateFormat;
import io.farrier.node.DaemonProcess;
import io.farrier.node.JournalSocket;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeLock;
import io.farrier.node.SafeMode;
import io.farrier.node.SafeModeFile;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Outcome;
import io.farrier.plan.Resource;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.ContainersSeen;
import io.farrier.reconcile.HandScript;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.NoRuntime;
import io.farrier.reconcile.Prover;
import io.farrier.reconcile.PullProof;
import io.farrier.reconcile.Repairs;
import io.farrier.reconcile.RestartTurn;
import io.farrier.reconcile.TurnedDaemon;
import io.farrier.runtime.Daemon;
import io.farrier.runtime.MemberHealth;
import io.farrier.runtime.RuntimeFinder.Kind;
import io.farrier.runtime.docker.DockerDaemon;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.transport.Trust;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What keeps the runtime's files as one configuration says. */
final class FileParts {
    /** Longer than the longest transaction that another writer may be in the middle of. */
    private static final Duration LOCK_PATIENCE = Duration.ofMinutes(2);

    private final Machine machine;
    private final NodeRuntime runtime;
    private final FarrierConfig config;
    private final String fingerprint;
    private final NodeFiles files;
    private final Ledger ledger;
    private final RegistryParts registries;
    private final ProofImages smallest;
    private final Repairs repairs;
    private final Prover prover;

    FileParts(
            Machine machine,
            NodeRuntime runtime,
            Loaded<FarrierConfig> loaded,
            RegistryParts registries,
            ImageParts images)
            throws IOException {
        this.machine = machine;
        this.runtime = runtime;
        this.config = loaded.config();
        this.fingerprint = loaded.fingerprint();
        this.files = machine.files();
        new StateFormat(files, config.stateDir()).check();
        this.ledger = new Ledger(
                files, config.stateDir(), machine.isThisNode() ? JournalSocket.ofSystem() : JournalSocket.NONE);
        this.registries = registries;
        this.smallest = new ProofImages(runtime.runtime(), images.wanted());
        this.repairs = new Repairs(config.changes().repairsPerHour(), machine.clock());
        this.prover = prover();
    }

    HandScript handScript() {
        return new HandScript(files, ledger);
    }

    Ledger ledger() {
        return ledger;
    }

    Keeper keeper() throws IOException {
        return new Keeper(
                resources(),
                files,
                ledger,
                lock(files, config.stateDir()),
                new Brakes(machine.pause(), safeMode(), policy(), containersSeen()),
                repairs,
                daemons(),
                prover,
                new Keeper.Version(Build.version(), fingerprint),
                machine.clock());
    }

    SafeModeFile safeMode() {
        return new SafeModeFile(files, config.stateDir());
    }

    /** Finishes or undoes an interrupted change. Whatever interrupted it, the agent then only watches until somebody looked. */
    List<Outcome> recover() throws IOException {
        List<Outcome> outcomes = keeper().recover();
        if (!outcomes.isEmpty() && machine.isThisNode()) {
            safeMode().enter(new SafeMode(machine.clock().instant(), Lives.INTERRUPTED));
        }
        return outcomes;
    }

    /** Registries of the configuration from which the last pull that was to prove a change did not work. */
    List<String> unproven() throws IOException {
        return ledger.unproven().stream()
                .filter(registry -> config.registries().stream()
                        .anyMatch(known -> known.host().value().equals(registry)))
                .toList();
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
                        managed(KeptFile.CERTS_D, addressed(new CertsDirectory(config, files, ledger), false)),
                        managed(KeptFile.DAEMON_JSON, new DaemonJsonFile(config, files, ledger, dockerd())));
            case K3S -> List.of(managed(KeptFile.REGISTRIES_YAML, addressed(registriesYaml(Distribution.K3S), true)));
            case RKE2 -> List.of(managed(KeptFile.REGISTRIES_YAML, addressed(registriesYaml(Distribution.RKE2), true)));
            case CONTAINERD ->
                List.of(managed(KeptFile.HOSTS_TOML, addressed(new HostsDirectory(config, files, ledger), false)));
        };
    }

    private Prover prover() {
        if (!machine.isThisNode()) {
            return Prover.NONE;
        }
        return new PullProof(
                runtime.runtime(),
                registry -> proofImage(registry)
                        .map(reference -> new PullProof.Image(reference, smallest.isWanted(reference))),
                registries::credentials,
                registries.logins(),
                machine.clock());
    }

    /** An image of a registry to look at it with; empty where none is known. */
    Optional<Reference> proofImage(RegistryHost host) {
        return config.registries().stream()
                .filter(registry -> registry.host().equals(host))
                .flatMap(registry -> registry.proof().stream())
                .findFirst()
                .or(() -> smallest.smallestOf(host));
    }

    private Resource<?> managed(KeptFile file, Resource<?> resource) {
        return new Managed<>(resource, file, config.manage(file), ledger);
    }

    private <S> Resource<S> addressed(Resource<S> resource, boolean isGenerated) {
        return new AddressedRegistries<>(resource, config, isGenerated, runtime.runtime()::info);
    }

    /** Differs whenever somebody wrote a file that is kept; cheap enough for every few seconds. */
    String stamp() throws IOException {
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
    private Map<DaemonName, Daemon> daemons() throws IOException {
        if (!machine.isThisNode()) {
            return Map.of();
        }
        Optional<Distribution> distribution = runtime.kind().flatMap(FileParts::distribution);
        Daemon daemon =
                distribution.flatMap(this::rancher).map(Daemon.class::cast).orElseGet(this::dockerDaemon);
        Daemon careful = restartTurn()
                .map(turn -> (Daemon) new TurnedDaemon(daemon, turn))
                .orElse(daemon);
        return Map.of(daemon.name(), careful);
    }

    private Optional<RestartTurn> restartTurn() throws IOException {
        if (config.node().restartSlot().isEmpty() || !machine.isThisNode()) {
            return Optional.empty();
        }
        FarrierConfig.RestartSlot slot = config.node().restartSlot().get();
        Trust trust = slot.ca().isPresent() ? Trust.withCa(slot.ca().get()) : Trust.ofSystem();
        Trust own = slot.client()
                .map(pair -> trust.withClient(pair.cert(), pair.key()))
                .orElse(trust);
        MemberHealth others = new MemberHealth(machine.http(), slot.members(), own);
        return Optional.of(new RestartTurn(slot.number(), slot.of(), others::ailing, machine.clock()));
    }

    /** A restart of k3s or RKE2 stops none. */
    private ContainersSeen containersSeen() {
        if (!machine.isThisNode()) {
            return ContainersSeen.NONE;
        }
        if (runtime.isDockerNode()) {
            return ContainersSeen.of(runtime.runtime());
        }
        return runtime.kind()
                .flatMap(FileParts::distribution)
                .map(distribution -> RancherNode.look(distribution, files))
                .filter(RancherNode::isServer)
                .map(server -> ContainersSeen.ofServer(server.daemon()))
                .orElse(ContainersSeen.NONE);
    }

    static Optional<Distribution> distribution(Kind kind) {
        return switch (kind) {
            case K3S -> Optional.of(Distribution.K3S);
            case RKE2 -> Optional.of(Distribution.RKE2);
            case DOCKER, RKE, CONTAINERD -> Optional.empty();
        };
    }

    private Brakes.Policy policy() throws IOException {
        Map<RegistryHost, Boolean> own = new HashMap<>();
        config.registries()
                .forEach(registry -> registry.mode().ifPresent(mode -> own.put(registry.host(), mode == Mode.KEEP)));
        return new Brakes.Policy(
                config.mode() == Mode.KEEP,
                own,
                config.runtime().restart() == FarrierConfig.Restart.ALLOW,
                restartTurn(),
                config.changes().allowRemoval());
    }

    private Daemon dockerDaemon() {
        DaemonProcess dockerd = dockerdProcess();
        return new DockerDaemon(
                new DockerRuntime(machine.http(), dockerd.sockets().get(0)),
                () -> machine.processes().hangUp(dockerd, machine.processes().find(dockerd)),
                () -> machine.processes().restart(dockerd));
    }

    DaemonProcess dockerdProcess() {
        return runtime.dockerSocket().map(DaemonProcess.DOCKERD::at).orElse(DaemonProcess.DOCKERD);
    }
}
