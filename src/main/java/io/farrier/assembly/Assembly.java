package io.farrier.assembly;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.check.Doctor;
import io.farrier.check.NodeStatus;
import io.farrier.check.Readiness;
import io.farrier.check.RuntimeView;
import io.farrier.config.FarrierConfig;
import io.farrier.config.InvalidConfigException;
import io.farrier.config.Loaded;
import io.farrier.config.TrustedFiles;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ArchiveLoader;
import io.farrier.images.ArchiveSaver;
import io.farrier.images.Forecast;
import io.farrier.images.ImageKeeper;
import io.farrier.images.ImageLock;
import io.farrier.images.Mirror;
import io.farrier.ledger.Ledger;
import io.farrier.node.Login;
import io.farrier.node.SafeModeFile;
import io.farrier.pki.Certificate;
import io.farrier.plan.Outcome;
import io.farrier.plan.Reason;
import io.farrier.reconcile.HandScript;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Pausing;
import io.farrier.registry.ServedChain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How farrier is put together. {@link Machine} is what a process has once; {@link NodeRuntime} is the node's Docker or
 * containerd; {@link NodeParts} is what one configuration makes of them: {@link FileParts}, {@link ImageParts}, the
 * registries they talk to, and what checks the node. A verb takes one part of it and ends; {@link RunningAgent} puts all of it into lanes and gives them a feed; {@link
 * RunningCollector} stands by itself.
 *
 * <pre>{@code
 * Machine ---- NodeRuntime ---- NodeParts ---- FileParts ------ Keeper  (plan, apply, restore, recover), history
 *                                         ---- ImageParts ----- ImageKeeper, Forecast, archives, Mirror  (images)
 *                                         ---- RegistryViews -- RuntimeView  (probe, why)
 *                                         ---- Doctor  (doctor, status)
 *                                         ---- NodeLogs  (logs)
 *                                         ---- NodeWork ---- Agent ---- Uplink ~~~ Collector
 * }</pre>
 */
public final class Assembly implements AutoCloseable {
    private final Path configFile;
    private final Machine machine;
    private @Nullable NodeRuntime runtime;
    private @Nullable NodeParts parts;
    private @Nullable Doctor doctor;

    /**
     * @param configFile as the node sees it, below {@code root}
     * @param root {@code /} for this node; below any other no daemon is talked to
     */
    public Assembly(Path configFile, Path root) {
        this.configFile = configFile.toAbsolutePath();
        this.machine = new Machine(root);
    }

    public Keeper keeper() throws IOException {
        return parts().files().keeper();
    }

    /** Finishes or undoes an interrupted change; empty when there was none. */
    public List<Outcome> recover() throws IOException {
        return parts().files().recover();
    }

    /** The same where the configuration cannot be read: as with an empty one. */
    public List<Outcome> recoverWithoutConfiguration() throws IOException {
        return parts(machine.loader().loadNothing()).files().recover();
    }

    /** Plans as commands for a shell. */
    public HandScript handScript() throws IOException {
        return parts().files().handScript();
    }

    /**
     * What happened on this node.
     *
     * @param changes and refusals, oldest first, as the ledger's {@code history} shapes them
     * @param caveat a sentence where the configuration does not say in which folder they are
     */
    public record Past(List<JsonNode> changes, Optional<String> caveat) {
        public Past {
            changes = List.copyOf(changes);
        }
    }

    /** Needs no configuration: a broken one is when it is asked for. */
    public Past history() throws IOException {
        try {
            Path stateDir = machine.loader().load(configFile).config().stateDir();
            return new Past(new Ledger(machine.files(), stateDir).history(), Optional.empty());
        } catch (InvalidConfigException broken) {
            Path usual = FarrierConfig.DEFAULT_STATE_DIR;
            String caveat =
                    "The configuration cannot be read ('farrier config check' says why); this is the history in "
                            + usual + ".";
            return new Past(new Ledger(machine.files(), usual).history(), Optional.of(caveat));
        }
    }

    public Pausing pausing() throws IOException {
        Path stateDir = stateDir();
        return new Pausing(
                machine.pause(),
                new SafeModeFile(machine.files(), stateDir),
                FileParts.lock(machine.files(), stateDir),
                machine.clock());
    }

    /** A configuration that is not valid must keep nobody from pausing. */
    private Path stateDir() throws IOException {
        try {
            return machine.loader().load(configFile).config().stateDir();
        } catch (InvalidConfigException toldByOthers) {
            return FarrierConfig.DEFAULT_STATE_DIR;
        }
    }

    /** Why nothing may be changed now; empty when it may. */
    public Optional<Reason> pause(String tried) throws IOException {
        return machine.pause().current().map(pause -> pause.reason(tried));
    }

    public ImageKeeper images() throws IOException {
        return parts().images().keeper();
    }

    public Forecast forecast() throws IOException {
        return parts().images().forecast();
    }

    public ArchiveSaver saver(Platform platform) throws IOException {
        return parts().images().saver(platform);
    }

    public ArchiveLoader loader() throws IOException {
        return parts().images().loader();
    }

    public Mirror mirror() throws IOException {
        return parts().images().mirror();
    }

    /** What the node holds already. */
    public List<Reference> imagesHere() throws IOException {
        return parts().images().here();
    }

    /** Where k3s or RKE2 import archives from; empty on other nodes. */
    public Optional<Path> agentImages() throws IOException {
        return parts().images().agentImages();
    }

    /** What the lock file says now. */
    public ImageLock lock() throws IOException {
        return parts().images().lock();
    }

    /** Replaces the lock file; returns where it is. */
    public Path lock(ImageLock lock) throws IOException {
        return parts().images().lock(lock);
    }

    /** The references of list files, or, without any, all that the configuration wants. */
    public List<Reference> wanted(List<Path> lists) throws IOException {
        if (lists.isEmpty()) {
            return parts().images().wanted().references();
        }
        List<Reference> listed = new ArrayList<>();
        for (Path list : lists) {
            listed.addAll(Machine.loader(TrustedFiles.ofAnyone(Path.of("/"))).loadList(list.toAbsolutePath()));
        }
        return parts().images().only(listed).references();
    }

    /** Registries as this node's runtime sees them: for {@code probe} and {@code why}. */
    public RuntimeView view() throws IOException {
        return parts().views().view();
    }

    /** Every registry the configuration names, mirrors included. */
    public List<RegistryHost> registries() throws IOException {
        return parts().registries().hosts();
    }

    public Doctor doctor() throws IOException {
        Doctor made = parts().doctor();
        doctor = made;
        return made;
    }

    /** Whether pods can start here. */
    public Readiness readiness() throws IOException {
        return Readiness.of(doctor().examine(), parts().files().unproven());
    }

    /** What containers wrote, and what of it leaves the node. */
    public NodeLogs logs() throws IOException {
        return parts().logs();
    }

    /** What {@code farrier status} shows where no agent runs: the runtime asked, the checks made. */
    public NodeStatus status() throws IOException {
        return parts().status(doctor());
    }

    private NodeParts parts() throws IOException {
        NodeParts known = parts;
        return known == null ? parts(machine.loader().load(configFile)) : known;
    }

    private NodeParts parts(Loaded<FarrierConfig> loaded) throws IOException {
        NodeRuntime found = new NodeRuntime(machine, loaded.config());
        NodeParts made = new NodeParts(machine, found, loaded);
        runtime = found;
        parts = made;
        return made;
    }

    /** Reads files that do not rule this node: whoever wrote them. */
    public static Loaded<?> readForReview(Path file) throws InvalidConfigException {
        boolean isCollectors = String.valueOf(file.getFileName()).startsWith("collector");
        return isCollectors
                ? Machine.loader(TrustedFiles.ofAnyone(Path.of("/"))).loadCollector(file)
                : Machine.loader(TrustedFiles.ofAnyone(Path.of("/"))).load(file);
    }

    /** Who runs this process: for the history. */
    public static String login() {
        return Login.ofThisNode().ofThisProcess();
    }

    /** The certificates a registry shows, whether or not this node would trust them. */
    public static List<Certificate> servedBy(RegistryHost host) throws IOException {
        return ServedChain.of(host);
    }

    @Override
    public void close() {
        if (doctor != null) {
            doctor.close();
        }
        if (runtime != null) {
            runtime.close();
        }
        machine.close();
    }
}
