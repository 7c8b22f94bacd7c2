package io.farrier.ledger;

import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.FileState;
import io.farrier.plan.ResourceName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What of one resource is farrier's, and how the files it touched were before. */
public record Ownership(ResourceName resource, SortedSet<Claim> claims, SortedMap<Path, Touched> files) {
    /**
     * A file that farrier wrote.
     *
     * @param original how it was before farrier; empty when somebody else changed it between two of farrier's writes, so
     *     that giving it back would undo their work; absent when they removed it, for then all that is in it is farrier's
     * @param written fingerprint of what farrier wrote last
     */
    public record Touched(Optional<FileState> original, String written) {}

    public Ownership {
        claims = Collections.unmodifiableSortedSet(new TreeSet<>(claims));
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    public static Ownership none(ResourceName resource) {
        return new Ownership(resource, new TreeSet<>(), new TreeMap<>());
    }

    public boolean isNone() {
        return claims.isEmpty();
    }

    public boolean owns(Claim claim) {
        return claims.contains(claim);
    }

    public boolean ownsFile(Path path) {
        return owns(Claim.file(path));
    }

    /** All of one kind at one file or folder, in order. */
    public List<Claim> claims(Claim.Kind kind, Path path) {
        List<Claim> found = new ArrayList<>();
        for (Claim claim : claims.tailSet(new Claim(kind, path, "", "", Optional.empty()))) {
            if (claim.kind() != kind || !claim.path().equals(path)) {
                break;
            }
            found.add(claim);
        }
        return List.copyOf(found);
    }

    /** All at one file or folder, in order. */
    public List<Claim> claims(Path path) {
        return Arrays.stream(Claim.Kind.values())
                .flatMap(kind -> claims(kind, path).stream())
                .toList();
    }

    /** True when the file is, byte for byte, what farrier wrote last. */
    public boolean isAsWritten(Path path, FileState now) {
        Touched touched = files.get(path);
        return touched != null && touched.written().equals(now.fingerprint());
    }

    /** How the file was before farrier, where that is still known and would undo nobody's work. */
    public Optional<FileState> original(Path path) {
        return Optional.ofNullable(files.get(path)).flatMap(Touched::original);
    }

    /** After farrier made {@code edits}; with no claim left nothing is remembered. */
    public Ownership after(Iterable<Edit> edits, SortedSet<Claim> claimsThen) {
        if (claimsThen.isEmpty()) {
            return none(resource);
        }
        Map<Path, Touched> then = new TreeMap<>(files);
        for (Edit edit : edits) {
            then.put(edit.path(), touch(then.get(edit.path()), edit));
        }
        return new Ownership(resource, claimsThen, new TreeMap<>(then));
    }

    private static Touched touch(@Nullable Touched known, Edit edit) {
        String written = edit.after().fingerprint();
        if (known == null) {
            return new Touched(Optional.of(edit.before()), written);
        }
        boolean nobodyElseWrote = known.written().equals(edit.before().fingerprint());
        if (nobodyElseWrote || known.original().equals(Optional.of(edit.before()))) {
            return new Touched(known.original(), written);
        }
        return new Touched(Optional.of(edit.before()).filter(FileState::isAbsent), written);
    }
}
