package io.farrier.keep;

import io.farrier.ledger.Ownership;
import io.farrier.plan.Claim;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Folders that farrier made: they are its own as long as something in them is. */
public final class MadeFolders {
    private MadeFolders() {}

    /**
     * @param missing folders that are made now
     * @param held what is farrier's then
     */
    public static List<Claim> stillHeld(Ownership ours, Collection<Path> missing, Collection<Claim> held) {
        Set<Path> above = new HashSet<>();
        held.stream()
                .filter(claim -> claim.kind() == Claim.Kind.FILE)
                .forEach(claim -> addWithParents(above, claim.path()));
        List<Path> made = new ArrayList<>(missing);
        ours.claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.FOLDER)
                .map(Claim::path)
                .forEach(made::add);
        return made.stream().filter(above::contains).map(Claim::folder).toList();
    }

    private static void addWithParents(Set<Path> above, Path file) {
        for (@Nullable Path each = file; each != null && above.add(each); each = each.getParent()) {
            continue;
        }
    }
}
