package io.farrier.keep.docker;

import io.farrier.config.FarrierConfig;
import io.farrier.document.JsonDocument;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.Ownership;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Allowance;
import io.farrier.plan.Edit;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code /etc/docker/daemon.json}: the insecure registries and the mirrors of docker.io by element, and further keys. All
 * other keys and every other byte are the operator's.
 */
public final class DaemonJsonFile implements Resource<DaemonJsonFile.Observed> {
    public static final ResourceName NAME = new ResourceName("docker/daemon.json");
    static final Path FOLDER = Path.of("/etc/docker");
    static final Path PATH = FOLDER.resolve("daemon.json");

    private static final int FILE_MODE = 0600;

    private final DaemonJsonWishes wishes;
    private final Path stateDir;
    private final NodeFiles files;
    private final Ledger ledger;
    private final Optional<RunningDockerd> dockerd;

    /** @param dockerd empty where no daemon is talked to: below another root */
    public DaemonJsonFile(FarrierConfig config, NodeFiles files, Ledger ledger, Optional<RunningDockerd> dockerd) {
        this.wishes = DaemonJsonWishes.of(config);
        this.stateDir = config.stateDir();
        this.files = files;
        this.ledger = ledger;
        this.dockerd = dockerd;
    }

    /**
     * @param missingFolders that must be made for the file, outermost first
     * @param expectsDaemon false below another root, where nothing has to be restarted
     * @param running empty when no dockerd answers
     */
    record Observed(
            FileState file,
            List<Path> missingFolders,
            Ownership ours,
            boolean expectsDaemon,
            Optional<RunningDockerd.Sighting> running) {
        Observed {
            missingFolders = List.copyOf(missingFolders);
        }
    }

    @Override
    public ResourceName name() {
        return NAME;
    }

    @Override
    public Observed observe() throws IOException {
        return new Observed(
                files.read(PATH, JsonDocument.MAX_BYTES),
                files.missingFolders(FOLDER),
                ledger.ownership(NAME),
                dockerd.isPresent(),
                dockerd.flatMap(RunningDockerd::look));
    }

    @Override
    public FilePlan plan(Observed observed, Allowance allowance) {
        return DaemonJsonPlanner.plan(observed, wishes, allowance);
    }

    @Override
    public List<Path> watched() {
        return List.of(PATH);
    }

    @Override
    public FilePlan planRestore(Observed observed) {
        return DaemonJsonPlanner.plan(observed, DaemonJsonWishes.none(), Allowance.EVERYTHING);
    }

    /** What {@code dockerd --validate} says of the file, where this dockerd has it. */
    @Override
    public Optional<Reason> objection(FilePlan plan) throws IOException {
        Optional<Edit> edit = plan.edits().stream()
                .filter(e -> e.phase() == Edit.Phase.DOCUMENT && !e.after().isAbsent())
                .findFirst();
        if (edit.isEmpty() || dockerd.isEmpty()) {
            return Optional.empty();
        }
        Path trial = stateDir.resolve("daemon.json.trial");
        files.replace(trial, FileState.of(edit.get().after().content(), FILE_MODE));
        Optional<String> complaint = dockerd.get().complaint(files.locate(trial));
        files.delete(trial);
        return complaint.map(
                words -> new Reason("Tried to have dockerd check the new " + PATH, words, "farrier changed nothing."));
    }
}
