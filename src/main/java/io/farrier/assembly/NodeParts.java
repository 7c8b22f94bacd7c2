package io.farrier.assembly;

import io.farrier.agent.NodeWork;
import io.farrier.check.CaExpiryCheck;
import io.farrier.check.CaUseCheck;
import io.farrier.check.CaUses;
import io.farrier.check.Check;
import io.farrier.check.CheckResult;
import io.farrier.check.Doctor;
import io.farrier.check.ForgottenFilesCheck;
import io.farrier.check.ImagesCheck;
import io.farrier.check.InsecureConfigurationCheck;
import io.farrier.check.InsecureRuntimeCheck;
import io.farrier.check.KubeletLoginCheck;
import io.farrier.check.NodeStatus;
import io.farrier.check.PausedCheck;
import io.farrier.check.PendingChangesCheck;
import io.farrier.check.RegistryQuestion;
import io.farrier.check.RegistryRoll;
import io.farrier.check.RegistryTrustCheck;
import io.farrier.check.RememberedTrust;
import io.farrier.check.RuntimeCheck;
import io.farrier.check.SafeModeCheck;
import io.farrier.config.FarrierConfig;
import io.farrier.config.Loaded;
import io.farrier.image.Reference;
import io.farrier.images.ImageKeeper;
import io.farrier.images.LoginBoard;
import io.farrier.images.PullBoard;
import io.farrier.node.Ground;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.registry.Examination;
import io.farrier.registry.RefusedLogins;
import io.farrier.runtime.RuntimeFinder.Kind;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.NodeSample;
import io.farrier.sample.RegistryStatus;
import io.farrier.vitals.Disks;
import io.farrier.vitals.OwnCost;
import io.farrier.vitals.Vitals;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What keeps and checks a node as one configuration says; another configuration gets parts of its own. */
final class NodeParts {
    /** A registry that does not answer takes most of this; the checks run two at a time. */
    private static final Duration CHECK_DEADLINE = Duration.ofSeconds(30);

    private final Machine machine;
    private final NodeRuntime runtime;
    private final FarrierConfig config;
    private final RegistryParts registries;
    private final ImageParts images;
    private final FileParts files;
    private final RegistryViews views;

    NodeParts(Machine machine, NodeRuntime runtime, Loaded<FarrierConfig> loaded) throws IOException {
        this.machine = machine;
        this.runtime = runtime;
        this.config = loaded.config();
        this.registries =
                new RegistryParts(config, new RefusedLogins(machine.files(), config.stateDir(), machine.clock()));
        this.images = new ImageParts(machine, runtime, config, registries);
        this.files = new FileParts(machine, runtime, loaded, registries, images);
        this.views = new RegistryViews(machine, runtime, registries, files);
    }

    FileParts files() {
        return files;
    }

    ImageParts images() {
        return images;
    }

    RegistryParts registries() {
        return registries;
    }

    RegistryViews views() {
        return views;
    }

    NodeLogs logs() throws IOException {
        return new NodeLogs(config.logs(), machine.files(), runtime, runtime.dockerLogs());
    }

    /** Every check: for whom no agent looks. */
    Doctor doctor() throws IOException {
        List<Check> checks = new ArrayList<>(List.of(
                new RuntimeCheck(
                        runtime.runtime()::info,
                        runtime.kind().map(NodeParts::word).orElse("docker")),
                new PausedCheck(machine.pause()),
                new SafeModeCheck(files.safeMode()),
                new PendingChangesCheck(() -> files.keeper().plan(Order.byHand("doctor")))));
        checks.addAll(checksOfTheNode(images.keeper()));
        checks.add(new RegistryTrustCheck(() -> config, views::ask, Optional.empty()));
        checks.add(new CaUseCheck(() -> config, CaUseCheck.Look.NONE, caUses()));
        return new Doctor(checks, CHECK_DEADLINE, machine.clock());
    }

    NodeStatus status(Doctor doctor) throws IOException {
        return NodeStatus.look(config, runtime.runtime(), images.keeper()::check, doctor);
    }

    private CaUses caUses() throws IOException {
        return new CaUses(machine.files(), config.stateDir());
    }

    private List<Check> checksOfTheNode(ImageKeeper keeper) throws IOException {
        return List.of(
                new InsecureConfigurationCheck(() -> config),
                new InsecureRuntimeCheck(() -> config, runtime::recentInfo),
                new KubeletLoginCheck(() -> config, runtime.isDockerNode()),
                new CaExpiryCheck(() -> config),
                new ForgottenFilesCheck(new Ground(machine.files())),
                new ImagesCheck(keeper::check));
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    // ---- the agent's lanes

    /** The agent's own lanes tell of the runtime, the configuration and pending changes; its checks are the others. */
    NodeWork work() throws IOException {
        ImageKeeper keeper = images.keeper();
        // Asked anew each time: Docker may be installed, or replaced, while the agent runs.
        RegistryQuestion question = new RememberedTrust(views::ask, machine.clock());
        CaUses uses = caUses();
        List<Check> checks = new ArrayList<>(checksOfTheNode(keeper));
        checks.add(new RegistryTrustCheck(() -> config, question, Optional.of(uses)));
        checks.add(new CaUseCheck(() -> config, this::lookWithImage, uses));
        Doctor doctor = new Doctor(checks, CHECK_DEADLINE, machine.clock());
        RegistryRoll roll = new RegistryRoll(config, () -> files.keeper().plan(Order.byHand("status")), question);
        Vitals vitals = new Vitals(Path.of("/proc"), new Disks(this::disks));
        return new NodeWork(changes(), imagesOf(keeper), checks(doctor, roll), vitalsOf(vitals));
    }

    private Optional<Examination> lookWithImage(FarrierConfig.Registry registry) throws IOException {
        Optional<Reference> image = files.proofImage(registry.host());
        return image.isEmpty() ? Optional.empty() : Optional.of(views.look(registry.host(), image.get()));
    }

    private List<Path> disks() {
        List<Path> paths = new ArrayList<>(List.of(Path.of("/"), Path.of("/var/log"), config.stateDir()));
        runtime.dataRoot().ifPresent(paths::add);
        return paths;
    }

    private NodeWork.Vitals vitalsOf(Vitals vitals) throws IOException {
        OwnCost own = new OwnCost(Path.of("/proc/self"), System::nanoTime);
        return new NodeWork.Vitals() {
            @Override
            public NodeSample sample() throws IOException {
                return vitals.sample();
            }

            @Override
            public Optional<OwnCost.Sample> own() throws IOException {
                return Optional.of(own.sample());
            }
        };
    }

    private NodeWork.Changes changes() {
        return new NodeWork.Changes() {
            @Override
            public NodePlan plan(Order order) throws IOException {
                return files.keeper().plan(order);
            }

            @Override
            public List<Outcome> keep(Order order) throws IOException {
                return files.keeper().keep(order);
            }

            @Override
            public List<Outcome> restore(Order order) throws IOException {
                return files.keeper().restore(order);
            }

            @Override
            public Optional<Keeper.Upgrade> upgrade() throws IOException {
                return files.keeper().upgrade();
            }

            @Override
            public String stamp() throws IOException {
                return files.stamp();
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
            public List<ImageStatus> keep(PullBoard board) throws IOException {
                return keeper.keep(new LoginBoard(board, registries.logins(), registries::registry));
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
