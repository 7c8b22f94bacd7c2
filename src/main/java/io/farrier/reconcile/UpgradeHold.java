package io.farrier.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.image.Sha256;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.Settled;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Another version of the package never changes a node by itself (SAFETY 14): where configuration and files are as the last
 * version left them, and this one plans something else for a resource, that resource waits for an order by hand, or for
 * another configuration.
 */
final class UpgradeHold {
    private final Ledger ledger;
    private final NodeFiles files;
    private final Keeper.Version version;

    UpgradeHold(Ledger ledger, NodeFiles files, Keeper.Version version) {
        this.ledger = ledger;
        this.files = files;
        this.version = version;
    }

    /** How another version left the node with this very configuration; empty when there is nothing to compare with. */
    Optional<Settled> before() throws IOException {
        return ledger.settled()
                .filter(settled -> !settled.version().equals(version.farrier()))
                .filter(settled -> settled.configuration().equals(version.configuration()));
    }

    /** Which resources wait, of a plan in which nothing is held back yet. */
    Set<ResourceName> held(Settled before, List<Resource<?>> resources, NodePlan plan) throws IOException {
        Set<ResourceName> held = new HashSet<>();
        for (FilePlan file : plan.files()) {
            Settled.Left left = before.resources().get(file.resource());
            if (left != null && (left.isHeld() || differs(left, resource(resources, file.resource()), file))) {
                held.add(file.resource());
            }
        }
        return held;
    }

    private boolean differs(Settled.Left left, Resource<?> resource, FilePlan plan) throws IOException {
        return !left.plan().equals(fingerprint(plan)) && left.stamp().equals(stamp(resource));
    }

    Allowance nothing(Settled before) {
        String because = "farrier " + version.farrier() + " plans it, and " + before.version()
                + " with the same configuration did not. Run 'farrier apply'.";
        return change -> Optional.of(new Withheld(change, because, List.of()));
    }

    /** What to remember of the node as it is now. */
    Settled now(List<Resource<?>> resources, NodePlan plan) throws IOException {
        SortedMap<ResourceName, Settled.Left> left = new TreeMap<>();
        for (FilePlan file : plan.files()) {
            String stamp = stamp(resource(resources, file.resource()));
            left.put(file.resource(), new Settled.Left(stamp, fingerprint(file), false));
        }
        return new Settled(version.farrier(), version.configuration(), left);
    }

    /** The older version's word stands until there is an order. */
    static Settled waiting(Settled before, Set<ResourceName> held) {
        SortedMap<ResourceName, Settled.Left> left = new TreeMap<>(before.resources());
        left.replaceAll((resource, known) -> held.contains(resource) ? known.held() : known);
        return new Settled(before.version(), before.configuration(), left);
    }

    private String stamp(Resource<?> resource) throws IOException {
        StringBuilder stamps = new StringBuilder();
        for (Path path : resource.watched()) {
            stamps.append(path).append(' ').append(files.stamp(path)).append('\n');
        }
        return Sha256.hex(stamps.toString().getBytes(UTF_8));
    }

    private static String fingerprint(FilePlan plan) {
        StringBuilder text = new StringBuilder();
        plan.edits()
                .forEach(edit -> text.append(edit.path())
                        .append(' ')
                        .append(edit.after().fingerprint())
                        .append('\n'));
        for (Change change : plan.changes()) {
            text.append(change.kind()).append(' ').append(change.key()).append(' ');
            text.append(change.about().map(Object::toString).orElse("")).append('\n');
        }
        return text.isEmpty() ? "nothing" : Sha256.hex(text.toString().getBytes(UTF_8));
    }

    private static Resource<?> resource(List<Resource<?>> resources, ResourceName name) {
        return resources.stream()
                .filter(resource -> resource.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
