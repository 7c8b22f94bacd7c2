package io.farrier.keep.docker;

import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.keep.CaFile;
import io.farrier.keep.MadeFolders;
import io.farrier.keep.PairNames;
import io.farrier.keep.Proposals;
import io.farrier.keep.docker.CertsDirectory.Folder;
import io.farrier.keep.docker.CertsDirectory.Found;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Withheld;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Plans the folders of certs.d: ours where nobody is, beside the operator's where somebody is. */
final class CertsPlanner {
    private static final int PUBLIC = 0644;
    private static final int PRIVATE = 0600;
    private static final int OTHERS = 0077;

    private final CertsDirectory.Observed seen;
    private final Map<RegistryHost, Registry> wanted;
    private final Allowance allowance;
    private final Map<RegistryHost, List<Claim>> ourFiles;

    private final List<Edit> edits = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<Withheld> withheld = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final SortedSet<Claim> claims = new TreeSet<>();

    CertsPlanner(CertsDirectory.Observed seen, Map<RegistryHost, Registry> wanted, Allowance allowance) {
        this.seen = seen;
        this.wanted = wanted;
        this.allowance = allowance;
        this.ourFiles = seen.ours().claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.FILE)
                .filter(claim -> CertsDirectory.hostOf(claim).isPresent())
                .collect(Collectors.groupingBy(
                        claim -> CertsDirectory.hostOf(claim).orElseThrow()));
    }

    /**
     * One file to hold.
     *
     * @param shown what may be shown of it
     * @param isSatisfiedBy true for a file that already says the same, however it is written
     * @param cas the certificates that are owned one by one
     */
    private record Wish(
            Path path,
            FileState state,
            Supplier<String> shown,
            Predicate<FileState> isSatisfiedBy,
            Set<Certificate> cas) {
        String text() {
            return shown.get();
        }
    }

    FilePlan plan() {
        seen.folders().forEach(this::planFolder);
        claims.addAll(MadeFolders.stillHeld(seen.ours(), List.of(), claims));
        return new FilePlan(CertsDirectory.NAME, edits, changes, withheld, Optional.empty(), remarks, claims);
    }

    private void planFolder(RegistryHost host, Folder folder) {
        Optional<Registry> registry = Optional.ofNullable(wanted.get(host));
        if (registry.filter(CertsDirectory::isFrozen).isPresent()) {
            filesOf(host).forEach(claim -> keepClaims(claim.path()));
            return;
        }
        List<Path> held = new ArrayList<>();
        registry.flatMap(Registry::ca).ifPresent(ca -> planCa(host, folder, ca, held));
        registry.flatMap(Registry::client).ifPresent(pair -> planPair(host, folder, pair, held));
        filesOf(host).stream()
                .filter(claim -> !held.contains(claim.path()))
                .forEach(claim -> planRemoval(host, folder, claim));
        if (registry.isPresent()) {
            reportWhatBreaksPulls(host, folder);
            registry.get()
                    .auth()
                    .ifPresent(login -> remarks.add("'auth' of " + host
                            + " serves farrier's own pulls only: Docker keeps no logins, and the kubelet has its own"));
        }
    }

    // The CA

    private void planCa(RegistryHost host, Folder folder, byte[] pem, List<Path> held) {
        Set<Certificate> ca = certificates(pem);
        Path usual = CertsDirectory.folderOf(host).resolve("ca.crt");
        Path beside = CertsDirectory.folderOf(host).resolve("farrier.crt");
        if (isTrustedByOthers(host, folder, ca)) {
            remarks.add(Proposals.notOursWords(host + ": " + summary(ca)));
            return;
        }
        Path path = isFreeOrOurs(folder, usual) && !seen.ours().ownsFile(beside) ? usual : beside;
        Wish wish = caWish(path, FileState.of(pem, PUBLIC), ca);
        hold(host, folder, overlapping(host, folder, wish).orElse(wish), held);
    }

    /** However the certificates are written. */
    private static Wish caWish(Path path, FileState state, Set<Certificate> ca) {
        return new Wish(
                path,
                state,
                () -> summary(ca),
                // Parsing is what a plan of fifty unchanged registries would spend its time on.
                other -> Arrays.equals(other.content(), state.content())
                        || certificates(other.content()).equals(ca),
                ca);
    }

    /** What is held instead, while what the configuration no longer names may not go. */
    private Optional<Wish> overlapping(RegistryHost host, Folder folder, Wish wish) {
        FileState now = folder.find(name(wish.path()))
                .filter(Found::isFile)
                .map(Found::state)
                .orElse(FileState.ABSENT);
        Optional<CaFile.Overlap> overlap = CaFile.overlap(wish.path(), now, wish.state(), seen.ours());
        if (overlap.isEmpty()) {
            return Optional.empty();
        }
        String dropped = summary(overlap.get().dropped());
        if (isAllowed(change(Kind.REMOVE, host, wish.path(), dropped, ""))) {
            return Optional.empty();
        }
        FileState both = overlap.get().both();
        return Optional.of(caWish(wish.path(), both, certificates(both.content())));
    }

    /** True when files that are not ours already hold all of it: nothing to do, and nothing to own. */
    private boolean isTrustedByOthers(RegistryHost host, Folder folder, Set<Certificate> ca) {
        Set<Certificate> trusted = new HashSet<>();
        folder.entries().stream()
                .filter(entry -> entry.isFile() && entry.name().endsWith(".crt"))
                .filter(entry -> !seen.ours().ownsFile(pathOf(host, entry)))
                .forEach(entry -> trusted.addAll(certificates(entry.state().content())));
        return trusted.containsAll(ca);
    }

    /** In order; however they are written. */
    private static Set<Certificate> certificates(byte[] pem) {
        return new LinkedHashSet<>(Certificates.takenByGo(pem));
    }

    private static String summary(Collection<Certificate> certificates) {
        return certificates.stream().map(Certificate::summary).collect(Collectors.joining(", "));
    }

    // The client pair

    private void planPair(RegistryHost host, Folder folder, ClientPair pair, List<Path> held) {
        FileState cert = FileState.of(pair.cert(), PUBLIC);
        FileState key = FileState.of(pair.key().reveal().getBytes(StandardCharsets.UTF_8), PRIVATE);
        for (String name : List.of("client", "farrier")) {
            Path certPath = CertsDirectory.folderOf(host).resolve(name + ".cert");
            Path keyPath = CertsDirectory.folderOf(host).resolve(name + ".key");
            if (isTheOperators(folder, certPath, cert) && isTheOperators(folder, keyPath, key)) {
                remarks.add(Proposals.notOursWords(host + ": " + name + ".cert and " + name + ".key"));
                return;
            }
            if (isFreeOrOurs(folder, certPath) && isFreeOrOurs(folder, keyPath)) {
                hold(host, folder, new Wish(keyPath, key, () -> "*** (private key)", samePrivate(key), Set.of()), held);
                hold(host, folder, new Wish(certPath, cert, () -> certificate(cert), sameText(cert), Set.of()), held);
                return;
            }
        }
        withheld.add(new Withheld(
                change(Kind.ADD, host, CertsDirectory.folderOf(host).resolve("farrier.cert"), "", certificate(cert)),
                "both client.cert and farrier.cert are there and are not farrier's. Remove one pair.",
                List.of()));
    }

    private static String certificate(FileState cert) {
        return summary(Certificates.takenByGo(cert.content()));
    }

    private boolean isTheOperators(Folder folder, Path path, FileState wish) {
        return !seen.ours().ownsFile(path)
                && folder.find(name(path))
                        .filter(found -> found.isFile() && sameText(wish).test(found.state()))
                        .isPresent();
    }

    private static Predicate<FileState> sameText(FileState wish) {
        return state -> text(state).equals(text(wish));
    }

    /** A key that others can read is not as it shall be, whatever its bytes. */
    private static Predicate<FileState> samePrivate(FileState wish) {
        return state -> text(state).equals(text(wish)) && (state.mode() & OTHERS) == 0;
    }

    private static String text(FileState state) {
        return new String(state.content(), StandardCharsets.UTF_8).strip().replace("\r\n", "\n");
    }

    // Holding and removing

    private boolean isFreeOrOurs(Folder folder, Path path) {
        return folder.find(name(path)).isEmpty() || seen.ours().ownsFile(path);
    }

    private void hold(RegistryHost host, Folder folder, Wish wish, List<Path> held) {
        held.add(wish.path());
        Claim claim = Claim.file(wish.path());
        Optional<Found> found = folder.find(name(wish.path()));
        if (found.isPresent() && !seen.ours().owns(claim)) {
            reportOccupied(host, wish, found.get());
            return;
        }
        if (found.filter(there -> there.isFile() && wish.isSatisfiedBy().test(there.state()))
                .isPresent()) {
            claim(wish);
            return;
        }
        FileState before = found.map(Found::state).orElse(FileState.ABSENT);
        Kind kind = found.isPresent() ? Kind.CHANGE : Kind.ADD;
        Change change = change(kind, host, wish.path(), shown(before, wish.path()), wish.text());
        if (isAllowed(change)) {
            edits.add(new Edit(wish.path(), before, wish.state().noWiderThan(before), Phase.ADD_TRUST));
            claim(wish);
            folder.missing().forEach(missing -> claims.add(Claim.folder(missing)));
        } else {
            keepClaims(wish.path());
        }
    }

    private void claim(Wish wish) {
        claims.add(Claim.file(wish.path()));
        claims.addAll(CaFile.claims(wish.path(), wish.cas()));
    }

    /** What is ours there stays ours. */
    private void keepClaims(Path path) {
        claims.addAll(seen.ours().claims(path));
    }

    private void reportOccupied(RegistryHost host, Wish wish, Found found) {
        if (found.isFile() && wish.isSatisfiedBy().test(found.state())) {
            return;
        }
        withheld.add(new Withheld(
                change(Kind.CHANGE, host, wish.path(), shown(found.state(), wish.path()), wish.text()),
                "it is there already and is not farrier's. Remove it, or make it hold the configured one.",
                List.of()));
    }

    private void planRemoval(RegistryHost host, Folder folder, Claim claim) {
        Optional<Found> found = folder.find(name(claim.path()));
        if (found.isEmpty()) {
            return;
        }
        FileState now = found.get().state();
        Change change = change(Kind.REMOVE, host, claim.path(), shown(now, claim.path()), "");
        if (!seen.ours().isAsWritten(claim.path(), now)) {
            stays(claim, change, "somebody changed it since farrier wrote it. Remove it by hand if it is not needed.");
            return;
        }
        Optional<Path> other = PairNames.otherHalf(claim.path()).filter(half -> isChangedSince(folder, half));
        if (other.isPresent()) {
            stays(claim, change, "without it Docker would fail every pull, and " + name(other.get()) + " stays.");
            return;
        }
        if (!isAllowed(change)) {
            keepClaims(claim.path());
            return;
        }
        FileState original = seen.ours().original(claim.path()).orElse(FileState.ABSENT);
        edits.add(new Edit(claim.path(), now, original, Phase.DROP_TRUST));
    }

    private void stays(Claim claim, Change removal, String because) {
        keepClaims(claim.path());
        withheld.add(new Withheld(removal, because, List.of()));
    }

    private boolean isChangedSince(Folder folder, Path path) {
        return folder.find(name(path))
                .filter(there -> !seen.ours().isAsWritten(path, there.state()))
                .isPresent();
    }

    private boolean isAllowed(Change change) {
        Optional<Withheld> objection = allowance.objection(change);
        if (objection.isPresent()) {
            withheld.add(objection.get());
            return false;
        }
        changes.add(change);
        return true;
    }

    private List<Claim> filesOf(RegistryHost host) {
        return ourFiles.getOrDefault(host, List.of());
    }

    // What is not ours and stands in Docker's way

    private void reportWhatBreaksPulls(RegistryHost host, Folder folder) {
        for (Found entry : folder.entries()) {
            if (!CertsDirectory.isReadByDocker(entry.name()) || seen.ours().ownsFile(pathOf(host, entry))) {
                continue;
            }
            problemWith(host, folder, entry)
                    .ifPresent(problem -> withheld.add(new Withheld(
                            change(Kind.REMOVE, host, pathOf(host, entry), kind(entry), ""),
                            problem + " It is not farrier's to remove.",
                            List.of())));
        }
    }

    private static Optional<String> problemWith(RegistryHost host, Folder folder, Found entry) {
        if (!entry.isFile()) {
            return Optional.of("Docker fails every pull from " + host + ": it cannot read " + entry.name() + ".");
        }
        if (entry.name().endsWith(".crt")) {
            return Certificates.takenByGo(entry.state().content()).isEmpty()
                    ? Optional.of("Docker ignores it in silence: there is no PEM certificate in it.")
                    : Optional.empty();
        }
        String other = name(PairNames.otherHalf(pathOf(host, entry)).orElseThrow());
        return folder.find(other).isPresent()
                ? Optional.empty()
                : Optional.of("Docker fails every pull from " + host + ": " + entry.name() + " needs " + other + ".");
    }

    private static String kind(Found entry) {
        return switch (entry.kind()) {
            case FILE -> "a file";
            case FOLDER -> "a folder";
            case DANGLING -> "a link to nothing";
            case OTHER -> "no regular file";
        };
    }

    // Texts

    private static Change change(Kind kind, RegistryHost host, Path path, String before, String after) {
        return new Change(
                kind, host + "/" + name(path), notEmpty(before), notEmpty(after), Optional.of(host), Optional.empty());
    }

    private static Optional<String> notEmpty(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static String shown(FileState state, Path path) {
        if (state.isAbsent()) {
            return "";
        }
        if (name(path).endsWith(".key")) {
            return "*** (private key)";
        }
        String certificates = certificate(state);
        return certificates.isEmpty() ? "no certificate" : certificates;
    }

    private static Path pathOf(RegistryHost host, Found entry) {
        return CertsDirectory.folderOf(host).resolve(entry.name());
    }

    private static String name(Path path) {
        return Arrays.asList(path.toString().split("/", -1)).get(path.getNameCount());
    }
}
