package io.farrier.keep.rancher;

import io.farrier.config.FarrierConfig;
import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.document.RegistriesYaml;
import io.farrier.keep.DocumentPlanner;
import io.farrier.keep.MadeFolders;
import io.farrier.keep.OwnFiles;
import io.farrier.keep.Proposals;
import io.farrier.keep.UserInfo;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.keep.rancher.RegistriesYamlFile.Observed;
import io.farrier.keep.rancher.RegistriesYamlFile.Running;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import io.farrier.plan.Claim;
import io.farrier.plan.Consequence;
import io.farrier.plan.Consequence.Action;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Plans registries.yaml and the files that it names. A change is brought into effect by a restart where that is allowed;
 * else it is written and waits for the next start. As long as the one that runs was started with the old file, what the old
 * file names stays.
 */
final class RegistriesYamlPlanner {
    /** It holds logins (SAFETY 33). */
    private static final int NEW_FILE_MODE = 0600;

    private static final int OTHERS = 0077;

    /** A start is known in steps of 10 ms; k3s has not read the file so shortly after it. */
    private static final Duration CLOCK_STEP = Duration.ofMillis(20);

    private final Observed seen;
    private final Distribution distribution;
    private final Path path;
    private final boolean isRestore;
    private final RegistriesWishes wishes;
    private final RegistriesYaml before;
    private final Proposals proposals;

    private RegistriesYamlPlanner(
            Observed seen, Optional<FarrierConfig> config, RegistriesYaml before, Allowance allowance) {
        this.seen = seen;
        this.distribution = seen.node().distribution();
        this.path = distribution.registriesYaml();
        this.isRestore = config.isEmpty();
        this.before = before;
        this.wishes = config.map(wanted -> RegistriesWishes.of(wanted, distribution.trustFolder(), before, seen.ours()))
                .orElseGet(() -> RegistriesWishes.none(distribution.trustFolder()));
        boolean hasTurn = config.flatMap(wanted -> wanted.node().restartSlot()).isPresent();
        this.proposals = new Proposals(allowance, ways(seen, hasTurn));
    }

    /** @param config empty to give everything back */
    static FilePlan plan(Observed seen, Optional<FarrierConfig> config, Allowance allowance) {
        boolean isWanted = config.filter(wanted ->
                        !wanted.registries().isEmpty() || !wanted.mirrors().isEmpty())
                .isPresent();
        if (!isWanted && seen.ours().isNone()) {
            return FilePlan.noop(seen.node().distribution().resource());
        }
        try {
            RegistriesYaml before = RegistriesYaml.parse(seen.file().content());
            return new RegistriesYamlPlanner(seen, config, before, allowance).plan();
        } catch (InvalidDocumentException invalid) {
            return FilePlan.refused(seen.node().distribution().resource(), unreadable(seen, invalid));
        }
    }

    private static Reason unreadable(Observed seen, InvalidDocumentException invalid) {
        return new Reason(
                "Tried to edit " + seen.node().distribution().registriesYaml(),
                invalid.getMessage() + ".",
                "farrier changed nothing. Write that part of the file plainly.");
    }

    /** @param hasTurn whether a server may be restarted in its turn */
    private static List<Optional<Consequence>> ways(Observed seen, boolean hasTurn) {
        if (seen.running().isEmpty()) {
            return List.of(Optional.empty());
        }
        String reads = seen.node().distribution().word() + " reads registries.yaml only when it starts";
        Optional<Consequence> restart = Optional.of(new Consequence(seen.node().daemon(), Action.RESTART, reads));
        if (seen.node().isServer() && !hasTurn) {
            String never = reads + ", and farrier never restarts a server: its etcd may need it";
            return List.of(Optional.of(new Consequence(seen.node().daemon(), Action.NEXT_START, never)));
        }
        return List.of(restart, Optional.of(new Consequence(seen.node().daemon(), Action.NEXT_START, reads)));
    }

    private FilePlan plan() throws InvalidDocumentException {
        DocumentPlanner.Planned planned = DocumentPlanner.plan(
                path, before, seen.ours(), wishes.document(), proposals, RegistriesYamlPlanner::shown);
        RegistriesYaml document = (RegistriesYaml) planned.document();
        OwnFiles files = new OwnFiles(seen.ours(), seen.trust(), proposals);
        files.hold(wishes.files());
        Optional<Reason> refusal = refusal();
        if (refusal.isPresent()) {
            return new FilePlan(
                    distribution.resource(), List.of(), List.of(), proposals.withheld(), refusal, new TreeSet<>());
        }
        SortedSet<Claim> claims = new TreeSet<>(planned.claims());
        int mode = mode(claims);
        sayWhatIsWrong(document, mode);
        sayThatItWaits(document, claims);
        boolean mayDrop = mayDrop(document);
        files.drop(noLongerNamed(claims), mayDrop && !namesADroppedFile(claims));
        claims.addAll(files.claims());
        List<Edit> edits = new ArrayList<>(files.edits());
        edits.addAll(documentEdits(document, mode, claims, mayDrop));
        claims.addAll(MadeFolders.stillHeld(seen.ours(), seen.missingFolders(), claims));
        return new FilePlan(
                distribution.resource(),
                edits,
                proposals.changes(),
                proposals.withheld(),
                Optional.empty(),
                proposals.remarks(),
                claims);
    }

    private static String shown(KeyPath key, JsonValue value) {
        if (RegistriesYaml.isSecret(key.last())) {
            return "***";
        }
        String text = value instanceof JsonValue.Text plain ? plain.value() : value.text();
        return UserInfo.masked(text);
    }

    // What is not ours to do

    private Optional<Reason> refusal() {
        if (proposals.changes().isEmpty() || isRestore) {
            return Optional.empty();
        }
        if (seen.elsewhere().isPresent()) {
            return Optional.of(new Reason(
                    "Tried to plan " + path,
                    seen.elsewhere().get() + ", so that this file is not read.",
                    "Take that line out, or write the registries there by hand."));
        }
        return seen.owner().map(this::reportOnly).or(this::foreignPendingChanges);
    }

    private Reason reportOnly(FileOwner owner) {
        return new Reason(
                "Tried to plan " + path,
                owner.sign() + ", and would undo it.",
                "Paste this " + owner.place() + ", with the real secrets" + filesToPlace() + ": " + wishedText());
    }

    /** What the text names is farrier's to write only where the text is. */
    private String filesToPlace() {
        return wishes.files().isEmpty() ? "" : " and with paths at which the certificates are there";
    }

    /** In JSON, which is YAML on one line. */
    private String wishedText() {
        try {
            DocumentPlanner.Planned wished = DocumentPlanner.plan(
                    path,
                    RegistriesYaml.empty(),
                    io.farrier.ledger.Ownership.none(distribution.resource()),
                    wishes.document(),
                    new Proposals(Allowance.EVERYTHING),
                    RegistriesYamlPlanner::shown);
            return ((RegistriesYaml) wished.document()).masked().text();
        } catch (InvalidDocumentException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A restart would bring other people's edits into effect (SAFETY 5). */
    private Optional<Reason> foreignPendingChanges() {
        if (!proposals.restarts() || seen.running().isEmpty()) {
            return Optional.empty();
        }
        List<String> pending = new ArrayList<>(seen.running().get().pending());
        if (!isInEffect() && !seen.ours().isAsWritten(path, seen.file())) {
            pending.add(path + " was changed by somebody else");
        }
        if (pending.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Reason(
                "Tried to plan a restart of " + seen.node().daemon(),
                "it would also bring into effect what others did since it started: " + String.join("; ", pending) + ".",
                "Restart it yourself once that is meant ('systemctl restart "
                        + seen.node().daemon() + "')."));
    }

    // What is written and not in effect

    private boolean isInEffect() {
        Optional<Running> running = seen.running();
        return running.isEmpty()
                || seen.written().isEmpty()
                || seen.written().get().isBefore(running.get().started().plus(CLOCK_STEP));
    }

    private void sayThatItWaits(RegistriesYaml document, SortedSet<Claim> claims) {
        boolean isOurs = !claims.isEmpty() || !seen.ours().isNone();
        if (isRestore || isInEffect() || !document.equals(before) || !isOurs) {
            return;
        }
        proposals.propose(new Change(
                Kind.CHANGE,
                path.getFileName().toString(),
                Optional.of("written " + seen.written().map(Object::toString).orElse("") + ", not in effect"),
                Optional.of("in effect"),
                Optional.empty(),
                Optional.empty()));
    }

    /** True once nothing that runs was started with a file that names what is to go. */
    private boolean mayDrop(RegistriesYaml document) {
        return isRestore
                || seen.running().isEmpty()
                || proposals.restarts()
                || (document.equals(before) && isInEffect());
    }

    private List<Path> noLongerNamed(SortedSet<Claim> claims) {
        List<Path> gone = new ArrayList<>();
        for (Claim claim : seen.ours().claims()) {
            boolean isTrust = claim.kind() == Claim.Kind.FILE && claim.path().startsWith(distribution.trustFolder());
            if (!isTrust || wishes.files().containsKey(claim.path())) {
                continue;
            }
            if (wishes.isFrozen(claim.path())) {
                claims.add(claim);
            } else {
                gone.add(claim.path());
            }
        }
        return gone;
    }

    /** A key that was not allowed to go still names its file. */
    private boolean namesADroppedFile(SortedSet<Claim> claims) {
        String trustFolder = distribution.trustFolder().toString();
        Set<String> named = wishes.files().keySet().stream()
                .map(file -> new JsonValue.Text(file.toString()).text())
                .collect(Collectors.toSet());
        return claims.stream()
                .anyMatch(claim -> claim.kind() == Claim.Kind.KEY
                        && claim.value().contains(trustFolder)
                        && !named.contains(claim.value()));
    }

    // Bytes

    /** A login makes the file its owner's alone; it is never opened wider. */
    private int mode(SortedSet<Claim> claims) {
        if (seen.file().isAbsent()) {
            return NEW_FILE_MODE;
        }
        boolean holdsOurSecret = claims.stream()
                .anyMatch(claim -> claim.kind() == Claim.Kind.KEY
                        && RegistriesYaml.isSecret(KeyPath.parse(claim.key()).last())
                        && !claim.value().equals("{}"));
        int closed = seen.file().mode() & ~OTHERS;
        if (!holdsOurSecret || closed == seen.file().mode()) {
            return seen.file().mode();
        }
        Change narrow = mode(seen.file().mode(), closed);
        return proposals.proposeAtOnce(narrow) ? closed : seen.file().mode();
    }

    private static Change mode(int from, int to) {
        return new Change(
                Kind.CHANGE,
                "mode of registries.yaml",
                Optional.of(Integer.toOctalString(from)),
                Optional.of(Integer.toOctalString(to)),
                Optional.empty(),
                Optional.empty());
    }

    private void sayWhatIsWrong(RegistriesYaml document, int mode) {
        if (isRestore) {
            return;
        }
        new StrictCheck(document, distribution.word(), proposals).say();
        if (document.hasSecrets() && (mode & OTHERS) != 0) {
            proposals.withhold(
                    mode(mode, mode & ~OTHERS),
                    "others than root can read the logins in it. Run 'chmod 600 " + path + "'.");
        }
    }

    private List<Edit> documentEdits(RegistriesYaml document, int mode, SortedSet<Claim> claims, boolean mayDrop) {
        boolean isOurFile = seen.file().isAbsent() || seen.ours().ownsFile(path);
        FileState written = written(document, mode);
        boolean givesAllBack =
                claims.stream().noneMatch(this::isInDocument) && !seen.ours().isNone();
        FileState last = givesAllBack ? givenBack(written) : written;
        boolean goes = last.isAbsent() && !seen.file().isAbsent();
        if (goes && !(mayDrop && mayGo(document))) {
            claims.add(Claim.file(path));
            return edit(seen.file(), written, Phase.DOCUMENT);
        }
        if (!last.isAbsent() && isOurFile) {
            claims.add(Claim.file(path));
        }
        boolean inTwoSteps = goes && seen.running().isPresent() && !isRestore;
        List<Edit> edits = new ArrayList<>(edit(seen.file(), inTwoSteps ? written : last, Phase.DOCUMENT));
        edits.addAll(inTwoSteps ? edit(written, last, Phase.DROP_TRUST) : List.of());
        return edits;
    }

    private FileState written(RegistriesYaml document, int mode) {
        boolean isUnchanged = document.equals(before)
                && (seen.file().isAbsent() || seen.file().mode() == mode);
        return isUnchanged ? seen.file() : FileState.of(document.bytes(), mode);
    }

    /** It goes along with the last key; alone, it is a change of its own. */
    private boolean mayGo(RegistriesYaml document) {
        return !document.equals(before)
                || proposals.proposeAtOnce(new Change(
                        Kind.REMOVE,
                        path.toString(),
                        Optional.of("an empty file"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private boolean isInDocument(Claim claim) {
        return claim.path().equals(path) && claim.kind() != Claim.Kind.FILE;
    }

    private FileState givenBack(FileState written) {
        Optional<FileState> original = seen.ours().original(path);
        if (original.isPresent() && seen.ours().isAsWritten(path, seen.file())) {
            return original.get();
        }
        boolean saysNothing = new String(written.content(), StandardCharsets.UTF_8).isBlank();
        return saysNothing && seen.ours().ownsFile(path) ? FileState.ABSENT : written;
    }

    private List<Edit> edit(FileState from, FileState to, Phase phase) {
        return from.equals(to) ? List.of() : List.of(new Edit(path, from, to, phase));
    }
}
