package io.farrier.keep.docker;

import static io.farrier.keep.docker.DaemonJsonFile.NAME;
import static io.farrier.keep.docker.DaemonJsonFile.PATH;

import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonDocument;
import io.farrier.document.JsonValue;
import io.farrier.image.RegistryHost;
import io.farrier.keep.Proposals;
import io.farrier.keep.UserInfo;
import io.farrier.keep.docker.RunningDockerd.Sighting;
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
import io.farrier.plan.Withheld;
import io.farrier.runtime.LiveSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Plans one daemon.json. Every wanted change is put to the allowance on its own; only what is allowed reaches the bytes,
 * because a withheld key in the file would be a mine for the next start.
 *
 * <p>Removing a key takes two writes where dockerd runs: a reload changes only keys that are in the file (FACTS 1.4), so
 * the key is first set to what its absence means, and goes once that is in effect.
 */
final class DaemonJsonPlanner {
    private static final int NEW_FILE_MODE = 0644;

    private final DaemonJsonFile.Observed seen;
    private final DaemonJsonWishes wishes;
    private final Allowance allowance;
    private final JsonDocument before;

    private final List<Change> changes = new ArrayList<>();
    private final List<Withheld> withheld = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final SortedSet<Claim> claims = new TreeSet<>();
    private final List<String> droppedKeys = new ArrayList<>();
    private JsonDocument document;

    private DaemonJsonPlanner(
            DaemonJsonFile.Observed seen, DaemonJsonWishes wishes, Allowance allowance, JsonDocument before) {
        this.seen = seen;
        this.wishes = wishes;
        this.allowance = allowance;
        this.before = before;
        this.document = before;
    }

    static FilePlan plan(DaemonJsonFile.Observed seen, DaemonJsonWishes wishes, Allowance allowance) {
        try {
            JsonDocument document = saysNothing(seen)
                    ? JsonDocument.empty()
                    : JsonDocument.parse(seen.file().content());
            Optional<Reason> objection = cannotBeRead(document, seen);
            return objection.isPresent()
                    ? FilePlan.refused(NAME, objection.get())
                    : new DaemonJsonPlanner(seen, wishes, allowance, document).plan();
        } catch (InvalidDocumentException invalid) {
            return FilePlan.refused(NAME, unreadable(String.valueOf(invalid.getMessage())));
        }
    }

    /** An empty file is no configuration to dockerd from 23.0 on; before, it does not start with it. */
    private static boolean saysNothing(DaemonJsonFile.Observed seen) {
        return seen.file().isAbsent() || (isSinceValidate(seen) && isBlank(seen.file()));
    }

    private static boolean isBlank(FileState file) {
        return new String(file.content(), StandardCharsets.UTF_8).isBlank();
    }

    private static boolean isSinceValidate(DaemonJsonFile.Observed seen) {
        return version(seen).filter(v -> v.isAtLeast(EngineVersion.VALIDATES)).isPresent();
    }

    private static Optional<Reason> cannotBeRead(JsonDocument document, DaemonJsonFile.Observed seen) {
        if (document.hasByteOrderMark() && !isSinceValidate(seen)) {
            return Optional.of(unreadable("line 1, column 1 is a byte order mark, which dockerd refuses before 23.0"
                    + " (invalid character '\u00ef' looking for beginning of value)"));
        }
        for (String key : DaemonJsonWishes.LISTS) {
            Optional<JsonValue> value = document.get(key).filter(set -> !(set instanceof JsonValue.Null));
            if (value.isPresent() && !DaemonJsonKey.Type.LIST.accepts(value.get())) {
                return Optional.of(unreadable("'" + key + "' is not a list of texts"));
            }
        }
        return Optional.empty();
    }

    private static Reason unreadable(String saw) {
        return new Reason(
                "Tried to read " + PATH,
                saw + ".",
                "farrier changed nothing. Correct the file; dockerd may not start with it.");
    }

    private static Optional<EngineVersion> version(DaemonJsonFile.Observed seen) {
        return seen.running().flatMap(Sighting::version);
    }

    private FilePlan plan() throws InvalidDocumentException {
        for (String key : DaemonJsonWishes.LISTS) {
            planList(key, wishes.elements().getOrDefault(key, Map.of()));
        }
        wishes.keys().forEach(this::planKey);
        for (Claim claim : ownedKeys()) {
            planKeyRemoval(claim);
        }
        wishes.inexpressible().forEach(wish -> withheld.add(new Withheld(wish.change(), wish.because(), List.of())));
        Optional<Reason> foreign = foreignPendingChanges();
        if (foreign.isPresent()) {
            return new FilePlan(NAME, List.of(), List.of(), withheld, foreign, new TreeSet<>());
        }
        claimFile();
        return new FilePlan(NAME, edits(), changes, withheld, Optional.empty(), remarks, claims);
    }

    // Lists, by element

    private void planList(String key, Map<String, Optional<RegistryHost>> wanted) {
        boolean wasThere = before.get(key).isPresent();
        wanted.forEach((element, about) -> planElement(key, element, about));
        for (Claim claim : ownedElements(key)) {
            planElementRemoval(claim, wanted);
        }
        Claim made = madeList(key);
        boolean holdsMore = !document.texts(key).isEmpty();
        if (document.get(key).isEmpty() || (wasThere && !seen.ours().owns(made))) {
            return;
        }
        if (holdsMore || !wanted.isEmpty() || !dropKey(key)) {
            claims.add(made);
        }
    }

    /** Claims the list itself, because farrier added the key. */
    private static Claim madeList(String key) {
        return Claim.key(PATH, key, "[]", Optional.empty());
    }

    private void planElement(String key, String element, Optional<RegistryHost> about) {
        Claim claim = Claim.element(PATH, key, element);
        boolean owned = seen.ours().owns(claim);
        if (wishes.isFrozen(element)) {
            keep(claim);
            return;
        }
        if (ListElement.isIn(before.texts(key), key, element)) {
            keep(claim);
            noteNotOurs(owned, key, UserInfo.masked(element));
            checkInEffect(key, element, about);
            return;
        }
        Change change = change(Kind.ADD, key, Optional.empty(), Optional.of(element), about);
        Optional<String> problem = problemWith(key, element);
        if (problem.isPresent()) {
            withheld.add(new Withheld(change, problem.get(), List.of()));
            return;
        }
        if (propose(change, doc -> doc.withElement(key, element)) || owned) {
            claims.add(claim);
        }
    }

    private Optional<String> problemWith(String key, String element) {
        Optional<String> conflict = conflictWithFlag(key);
        return conflict.isEmpty() && key.equals(DaemonJsonWishes.MIRRORS)
                ? DaemonJsonWishes.problemWithMirror(element, version(seen))
                : conflict;
    }

    private void checkInEffect(String key, String element, Optional<RegistryHost> about) {
        Optional<List<String>> live = live().map(settings -> settings.list(key));
        boolean inEffect = live.isEmpty()
                || ListElement.isIn(live.get(), key, element)
                || ListElement.isBuiltIn(ListElement.normal(key, element));
        if (!inEffect) {
            propose(notInEffect(key, element, about), UnaryOperator.identity());
        }
    }

    private void planElementRemoval(Claim claim, Map<String, Optional<RegistryHost>> wanted) {
        String key = claim.key();
        String element = claim.value();
        if (wanted.containsKey(element)) {
            return;
        }
        if (wishes.isFrozen(element)) {
            claims.add(claim);
            return;
        }
        if (!before.texts(key).contains(element)) {
            return;
        }
        Change change = change(Kind.REMOVE, key, Optional.of(element), Optional.empty(), registry(key, element));
        if (!propose(change, doc -> doc.withoutElement(key, element))) {
            claims.add(claim);
        }
    }

    private static Optional<RegistryHost> registry(String key, String element) {
        if (key.equals(DaemonJsonWishes.MIRRORS)) {
            return Optional.of(RegistryHost.DOCKER_HUB);
        }
        try {
            return Optional.of(RegistryHost.parse(element));
        } catch (IllegalArgumentException aNetwork) {
            return Optional.empty();
        }
    }

    /** Lets the key go once nothing but its absence is left to express; false when that is not allowed. */
    private boolean dropKey(String key) {
        String text = document.get(key).map(Masked::text).orElse("");
        Change change =
                new Change(Kind.REMOVE, key, Optional.of(text), Optional.empty(), Optional.empty(), Optional.empty());
        Optional<Withheld> objection = allowance.objection(change);
        if (objection.isPresent()) {
            withheld.add(objection.get());
            return false;
        }
        changes.add(change);
        droppedKeys.add(key);
        return true;
    }

    // Whole keys

    private void planKey(String key, JsonValue value) {
        Optional<JsonValue> current = before.get(key);
        Optional<Claim> owned = ownedKey(key);
        if (current.equals(Optional.of(value))) {
            owned.ifPresent(claims::add);
            noteNotOurs(owned.isPresent(), key, Masked.text(value));
            checkInEffect(key, value);
            return;
        }
        Kind kind = current.isPresent() ? Kind.CHANGE : Kind.ADD;
        Change change = change(kind, key, current.map(Masked::text), Optional.of(Masked.text(value)), Optional.empty());
        Optional<String> problem = problemWith(key, value);
        if (problem.isPresent()) {
            withheld.add(new Withheld(change, problem.get(), List.of()));
            owned.ifPresent(claims::add);
            return;
        }
        Optional<String> original = owned.isPresent() ? owned.get().before() : current.map(JsonValue::text);
        if (propose(change, doc -> doc.with(key, value))) {
            claims.add(Claim.key(PATH, key, value.text(), original));
        } else {
            owned.ifPresent(claims::add);
        }
    }

    private Optional<String> problemWith(String key, JsonValue value) {
        Optional<DaemonJsonKey> known = DaemonJsonKey.find(key);
        if (known.isEmpty()) {
            return Optional.of("dockerd knows no key '" + key + "' and would not start with it.");
        }
        Optional<EngineVersion> version = version(seen);
        if (version.isPresent() && !known.get().isKnownTo(version.get())) {
            return Optional.of(
                    "dockerd " + version.get().text() + " knows no key '" + key + "' and would not start with it.");
        }
        Optional<String> wrong = known.get().problemWith(value);
        return wrong.isPresent() ? wrong.map(words -> "'" + key + "' " + words + ".") : conflictWithFlag(key);
    }

    private Optional<String> conflictWithFlag(String key) {
        boolean isFlag =
                seen.running().filter(dockerd -> dockerd.flags().has(key)).isPresent();
        if (isFlag) {
            return Optional.of("dockerd is started with '" + key + "' as a flag, and refuses to have it in " + PATH
                    + " as well. Take it out of the unit first.");
        }
        if (key.equals("hosts") && seen.running().isEmpty()) {
            return Optional.of(
                    "the packaged unit starts dockerd with '-H fd://', and dockerd refuses to have 'hosts' in " + PATH
                            + " as well.");
        }
        return Optional.empty();
    }

    private void checkInEffect(String key, JsonValue value) {
        Optional<String> live = live().flatMap(settings -> settings.find(key));
        if (live.isPresent() && !live.get().equals(value.plain())) {
            propose(notInEffect(key, Masked.text(value), Optional.empty()), UnaryOperator.identity());
        }
    }

    /** A key that farrier set and that is no longer wanted: back to what it was, if it still is as farrier set it. */
    private void planKeyRemoval(Claim claim) throws InvalidDocumentException {
        String key = claim.key();
        Optional<JsonValue> current = before.get(key);
        if (wishes.keys().containsKey(key) || !current.map(JsonValue::text).equals(Optional.of(claim.value()))) {
            return;
        }
        if (claim.before().isPresent()) {
            giveBack(claim, JsonValue.parse(claim.before().get()));
            return;
        }
        Optional<JsonValue> reset = DaemonJsonKey.find(key).flatMap(DaemonJsonKey::reset);
        if (current.equals(reset)) {
            keepUnless(dropKey(key), claim);
            return;
        }
        Change change = change(Kind.REMOVE, key, current.map(Masked::text), Optional.empty(), Optional.empty());
        boolean needsReset = seen.running().isPresent() && reset.isPresent();
        boolean allowed = propose(change, doc -> needsReset ? doc.with(key, reset.orElseThrow()) : doc.without(key));
        keepUnless(allowed, claim);
        if (allowed && needsReset) {
            droppedKeys.add(key);
        }
    }

    private void giveBack(Claim claim, JsonValue original) {
        boolean isBackAlready = before.get(claim.key()).equals(Optional.of(original));
        if (isBackAlready) {
            return;
        }
        Change change = change(
                Kind.REMOVE,
                claim.key(),
                before.get(claim.key()).map(Masked::text),
                Optional.of(Masked.text(original)),
                Optional.empty());
        keepUnless(propose(change, doc -> doc.with(claim.key(), original)), claim);
    }

    private void keepUnless(boolean gone, Claim claim) {
        if (!gone) {
            claims.add(claim);
        }
    }

    private void noteNotOurs(boolean owned, String key, String shown) {
        if (!owned) {
            remarks.add(Proposals.notOursWords(key + ": " + shown));
        }
    }

    private void keep(Claim claim) {
        if (seen.ours().owns(claim)) {
            claims.add(claim);
        }
    }

    private List<Claim> ownedElements(String key) {
        return seen.ours().claims().stream()
                .filter(claim ->
                        claim.kind() == Claim.Kind.ELEMENT && claim.key().equals(key))
                .toList();
    }

    private List<Claim> ownedKeys() {
        return seen.ours().claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.KEY && !DaemonJsonWishes.LISTS.contains(claim.key()))
                .toList();
    }

    private Optional<Claim> ownedKey(String key) {
        return ownedKeys().stream().filter(claim -> claim.key().equals(key)).findFirst();
    }

    // Changes and what they cost

    /** Makes the change if it is allowed. */
    private boolean propose(Change change, UnaryOperator<JsonDocument> edit) {
        Optional<Withheld> objection = allowance.objection(change);
        if (objection.isPresent()) {
            withheld.add(objection.get());
            return false;
        }
        changes.add(change);
        document = edit.apply(document);
        return true;
    }

    private Change change(
            Kind kind, String key, Optional<String> was, Optional<String> willBe, Optional<RegistryHost> about) {
        Optional<String> shownBefore = was.map(UserInfo::masked);
        Optional<String> shownAfter = willBe.map(UserInfo::masked);
        // Two secrets look alike once they are masked.
        boolean looksTheSame = shownBefore.isPresent() && shownBefore.equals(shownAfter);
        return new Change(
                kind,
                key,
                shownBefore,
                looksTheSame ? shownAfter.map(text -> text + " (changed)") : shownAfter,
                about,
                consequence(key));
    }

    private Change notInEffect(String key, String what, Optional<RegistryHost> about) {
        return change(Kind.CHANGE, key, Optional.of(what + " (written, not in effect)"), Optional.of(what), about);
    }

    private Optional<Consequence> consequence(String key) {
        if (DaemonJsonKey.reloads(key)) {
            return seen.running().isPresent()
                    ? Optional.of(new Consequence(
                            RunningDockerd.NAME,
                            Action.RELOAD,
                            "dockerd reads " + key + " when it reloads; no container notices" + unseen()))
                    : Optional.empty();
        }
        return seen.expectsDaemon()
                ? Optional.of(new Consequence(
                        RunningDockerd.NAME, Action.RESTART, "dockerd reads " + key + " only when it starts"))
                : Optional.empty();
    }

    /** Reloadable keys of the operator's that /info does not show: what was staged there takes effect as well. */
    private String unseen() {
        List<String> keys = before.keys().stream()
                .filter(key -> !DaemonJsonWishes.LISTS.contains(key) && !wishes.isOurs(key, seen.ours()))
                .filter(DaemonJsonKey::reloads)
                .filter(key -> live().flatMap(settings -> settings.find(key)).isEmpty())
                .toList();
        return keys.isEmpty()
                ? ""
                : ". It reads " + String.join(", ", keys)
                        + " as well, which it does not show: make sure nothing is staged there";
    }

    /** SAFETY 5. */
    private Optional<Reason> foreignPendingChanges() {
        return changes.stream().allMatch(change -> change.consequence().isEmpty())
                ? Optional.empty()
                : new ForeignEdits(seen, wishes, before)
                        .objection(changes.stream().anyMatch(Change::needsRestart));
    }

    // What dockerd has in effect

    private Optional<LiveSettings> live() {
        return seen.running().flatMap(Sighting::live);
    }

    // Bytes

    private void claimFile() {
        boolean anythingOurs = !claims.isEmpty();
        if (!anythingOurs) {
            return;
        }
        Claim file = Claim.file(PATH);
        if (seen.file().isAbsent() || seen.ours().owns(file)) {
            claims.add(file);
        }
        seen.missingFolders().forEach(folder -> claims.add(Claim.folder(folder)));
        seen.ours().claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.FOLDER)
                .forEach(claims::add);
    }

    private List<Edit> edits() {
        FileState reloaded = document.equals(before) ? seen.file() : state(document);
        FileState last = last(reloaded);
        if (seen.running().isEmpty()) {
            return edit(seen.file(), last, Phase.DOCUMENT);
        }
        List<Edit> edits = new ArrayList<>(edit(seen.file(), reloaded, Phase.DOCUMENT));
        edits.addAll(edit(reloaded, last, Phase.DROP_TRUST));
        return edits;
    }

    private List<Edit> edit(FileState from, FileState to, Phase phase) {
        if (from.equals(to)) {
            return List.of();
        }
        Optional<FileState> back = phase == Phase.DOCUMENT ? back() : Optional.empty();
        return List.of(new Edit(PATH, from, to, phase, back));
    }

    /** As before, with each added key at what its absence means; empty when no key is added that a reload would miss. */
    private Optional<FileState> back() {
        JsonDocument back = before;
        for (String key : document.keys()) {
            Optional<JsonValue> reset = DaemonJsonKey.find(key).flatMap(DaemonJsonKey::reset);
            if (before.get(key).isEmpty() && reset.isPresent()) {
                back = back.with(key, reset.get());
            }
        }
        return back.equals(before) ? Optional.empty() : Optional.of(state(back));
    }

    private FileState state(JsonDocument edited) {
        return FileState.of(
                edited.bytes(),
                seen.file().isAbsent() ? NEW_FILE_MODE : seen.file().mode());
    }

    /** How the file shall be once the reload is done. */
    private FileState last(FileState reloaded) {
        boolean givesAllBack = claims.isEmpty() && !seen.ours().isNone();
        Optional<FileState> original = seen.ours().original(PATH);
        if (givesAllBack && original.isPresent() && seen.ours().isAsWritten(PATH, seen.file())) {
            return original.get();
        }
        JsonDocument dropped = document;
        for (String key : droppedKeys) {
            dropped = dropped.without(key);
        }
        if (givesAllBack && dropped.isEmpty() && seen.ours().ownsFile(PATH)) {
            return FileState.ABSENT;
        }
        return dropped.equals(document) ? reloaded : state(dropped);
    }
}
