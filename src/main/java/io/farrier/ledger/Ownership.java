package io.farrier.ledger;

import io.farrier.plan.Claim;
import io.farrier.plan.FileState;
import io.farrier.plan.ResourceName;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What of one resource is farrier's, and how the files it touched were before. */
public record Ownership(ResourceName resource, SortedSet<Claim> claims, SortedMap<Path, Touched> files) {
    /**
     * A file that farrier wrote.
     *
     * @param original how it was before farrier; empty when somebody else changed it between two of farrier's writes, so
     *     that giving it back would undo their work
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
    public Ownership after(Iterable<io.farrier.plan.Edit> edits, SortedSet<Claim> claimsThen) {
        if (claimsThen.isEmpty()) {
            return none(resource);
        }
        Map<Path, Touched> then = new TreeMap<>(files);
        for (io.farrier.plan.Edit edit : edits) {
            then.put(edit.path(), touch(edit));
        }
        return new Ownership(resource, claimsThen, new TreeMap<>(then));
    }

    private Touched touch(io.farrier.plan.Edit edit) {
        Touched known = files.get(edit.path());
        String written = edit.after().fingerprint();
        if (known == null) {
            return new Touched(Optional.of(edit.before()), written);
        }
        return isAsWritten(edit.path(), edit.before())
                ? new Touched(known.original(), written)
                : new Touched(Optional.empty(), written);
    }
}
