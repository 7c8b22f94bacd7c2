package io.farrier.keep;

import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.image.RegistryHost;
import io.farrier.ledger.Ownership;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.InvalidPemException;
import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FileState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The CA and the client pair of registries, as files that farrier makes for a document to name. They are written before the
 * document names them, and removed after it no longer does.
 */
public final class OwnFiles {
    private static final int PUBLIC = 0644;
    private static final int PRIVATE = 0600;
    private static final int OTHERS = 0077;
    private static final String SECRET = "*** (private key)";

    private final Ownership ours;
    private final Map<Path, FileState> seen;
    private final Proposals proposals;
    private final List<Path> held = new ArrayList<>();
    private final List<Edit> edits = new ArrayList<>();
    private final SortedSet<Claim> claims = new TreeSet<>();

    /** @param seen the files as they are; a path that is not in it is absent */
    public OwnFiles(Ownership ours, Map<Path, FileState> seen, Proposals proposals) {
        this.ours = ours;
        this.seen = Map.copyOf(seen);
        this.proposals = proposals;
    }

    /** One file that a document names. */
    public record Wish(FileState state, RegistryHost about) {
        private String shown() {
            return OwnFiles.shown(state);
        }
    }

    public static Wish certificates(byte[] pem, RegistryHost about) {
        return new Wish(FileState.of(pem, PUBLIC), about);
    }

    public static Wish key(ClientPair pair, RegistryHost about) {
        return new Wish(FileState.of(pair.key().reveal().getBytes(StandardCharsets.UTF_8), PRIVATE), about);
    }

    /** Writes what is not as wished. A file of that name that is not farrier's is left alone, and said. */
    public void hold(SortedMap<Path, Wish> wishes) {
        held.addAll(wishes.keySet());
        new TreeMap<>(wishes).forEach(this::hold);
    }

    private void hold(Path path, Wish configured) {
        FileState now = seen.getOrDefault(path, FileState.ABSENT);
        boolean isOurs = ours.ownsFile(path);
        Wish wish = overlapping(path, now, configured);
        if (isSame(now, wish.state())) {
            if (isOurs) {
                claim(path, wish);
            }
            return;
        }
        Kind kind = now.isAbsent() ? Kind.ADD : Kind.CHANGE;
        Change change = change(kind, path, now, Optional.of(wish.shown()), Optional.of(wish.about()));
        if (!now.isAbsent() && !isOurs) {
            proposals.withhold(
                    change, "it is there already and is not farrier's. Remove it, or make it hold the configured one.");
            return;
        }
        if (proposals.proposeAtOnce(change)) {
            edits.add(new Edit(path, now, wish.state().noWiderThan(now), Phase.ADD_TRUST));
            claim(path, wish);
        } else {
            keepClaims(path);
        }
    }

    /** CAs that the configuration no longer names stay beside the others while they may not go. */
    private Wish overlapping(Path path, FileState now, Wish wish) {
        Optional<CaFile.Overlap> overlap = CaFile.overlap(path, now, wish.state(), ours);
        if (overlap.isEmpty()) {
            return wish;
        }
        Change drop = new Change(
                Kind.REMOVE,
                path.toString(),
                Optional.of(shown(overlap.get().dropped())),
                Optional.empty(),
                Optional.of(wish.about()),
                Optional.empty());
        return proposals.proposeAtOnce(drop) ? wish : new Wish(overlap.get().both(), wish.about());
    }

    /** A client's certificate is replaced as a whole. */
    private static boolean isCa(Path path) {
        return path.toString().endsWith(".crt");
    }

    private void claim(Path path, Wish wish) {
        claims.add(Claim.file(path));
        if (isCa(path)) {
            claims.addAll(CaFile.claims(path, wish.state()));
        }
    }

    /** What is ours there stays ours. */
    private void keepClaims(Path path) {
        ours.claims().stream().filter(claim -> claim.path().equals(path)).forEach(claims::add);
    }

    /** Removes those that are no longer wished; {@code may} is false as long as a daemon may still read them. */
    public void drop(List<Path> noLongerWished, boolean may) {
        for (Path path : noLongerWished) {
            FileState now = seen.getOrDefault(path, FileState.ABSENT);
            if (now.isAbsent()) {
                continue;
            }
            Change change = change(Kind.REMOVE, path, now, Optional.empty(), Optional.empty());
            if (!ours.isAsWritten(path, now)) {
                proposals.withhold(
                        change, "somebody changed it since farrier wrote it. Remove it by hand if it is not needed.");
                keepClaims(path);
            } else if (PairNames.otherHalf(path).filter(this::isChangedSince).isPresent()) {
                proposals.withhold(change, "it is half of a client pair, and somebody changed the other half.");
                keepClaims(path);
            } else if (may && propose(change, path)) {
                edits.add(new Edit(path, now, FileState.ABSENT, Phase.DROP_TRUST));
            } else {
                keepClaims(path);
            }
        }
    }

    private boolean isChangedSince(Path path) {
        FileState now = seen.getOrDefault(path, FileState.ABSENT);
        return !now.isAbsent() && !ours.isAsWritten(path, now);
    }

    private boolean propose(Change removal, Path path) {
        return isReplaced(path) ? proposals.proposeReplaced(removal) : proposals.proposeAtOnce(removal);
    }

    /** Another client pair has another name. */
    private boolean isReplaced(Path path) {
        String suffix = path.toString().substring(path.toString().lastIndexOf('.'));
        return !isCa(path)
                && held.stream()
                        .anyMatch(each ->
                                each.toString().endsWith(suffix) && Objects.equals(each.getParent(), path.getParent()));
    }

    public List<Edit> edits() {
        return List.copyOf(edits);
    }

    public SortedSet<Claim> claims() {
        return new TreeSet<>(claims);
    }

    private static Change change(
            Kind kind, Path path, FileState now, Optional<String> after, Optional<RegistryHost> about) {
        Optional<String> before = now.isAbsent() ? Optional.empty() : Optional.of(shown(now));
        boolean looksTheSame = before.isPresent() && before.equals(after);
        return new Change(
                kind,
                path.toString(),
                before,
                looksTheSame ? after.map(text -> text + " (changed)") : after,
                about,
                Optional.empty());
    }

    /** However the certificates are written; a key that others can read is not as it shall be. */
    private static boolean isSame(FileState now, FileState wish) {
        if (now.isAbsent()) {
            return false;
        }
        boolean isOpen = wish.mode() == PRIVATE && (now.mode() & OTHERS) != 0;
        return !isOpen && (text(now).equals(text(wish)) || Certificates.areSame(now.content(), wish.content()));
    }

    private static String text(FileState state) {
        return new String(state.content(), StandardCharsets.UTF_8).strip().replace("\r\n", "\n");
    }

    private static String shown(FileState state) {
        try {
            return shown(Certificates.parsePem(state.content()));
        } catch (InvalidPemException noCertificate) {
            return text(state).contains("PRIVATE KEY") ? SECRET : "no certificate";
        }
    }

    private static String shown(List<Certificate> certificates) {
        return certificates.stream().map(Certificate::summary).collect(Collectors.joining(", "));
    }
}
