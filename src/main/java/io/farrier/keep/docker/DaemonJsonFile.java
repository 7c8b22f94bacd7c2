package io.farrier.keep.docker;

import io.farrier.config.FarrierConfig;
import io.farrier.document.JsonDocument;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.Ownership;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Allowance;
import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
     * @param staged what others did since dockerd started and only a restart brings into effect, as clauses; looked for
     *     where one may come
     */
    record Observed(
            FileState file,
            List<Path> missingFolders,
            Ownership ours,
            boolean expectsDaemon,
            Optional<RunningDockerd.Sighting> running,
            List<String> staged) {
        Observed {
            missingFolders = List.copyOf(missingFolders);
            staged = List.copyOf(staged);
        }
    }

    @Override
    public ResourceName name() {
        return NAME;
    }

    @Override
    public Observed observe() throws IOException {
        FileState file = files.read(PATH, JsonDocument.MAX_BYTES);
        Ownership ours = ledger.ownership(NAME);
        return new Observed(
                file,
                files.missingFolders(FOLDER),
                ours,
                dockerd.isPresent(),
                dockerd.flatMap(RunningDockerd::look),
                mayRestart(ours) ? staged(file, ours) : List.of());
    }

    private boolean mayRestart(Ownership ours) {
        Stream<String> owned = ours.claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.KEY)
                .map(Claim::key);
        return dockerd.isPresent()
                && Stream.concat(wishes.keys().keySet().stream(), owned).anyMatch(key -> !DaemonJsonKey.reloads(key));
    }

    private List<String> staged(FileState file, Ownership ours) throws IOException {
        Optional<RunningDockerd.Start> start = dockerd.flatMap(RunningDockerd::start);
        if (start.isEmpty()) {
            return List.of();
        }
        List<String> staged = new ArrayList<>(start.get().beside());
        boolean isTheirs = !file.isAbsent() && !ours.isAsWritten(PATH, file);
        if (isTheirs
                && Files.getLastModifiedTime(files.locate(PATH))
                        .toInstant()
                        .isAfter(start.get().since())) {
            staged.add(PATH + " was changed by somebody else");
        }
        return staged;
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
