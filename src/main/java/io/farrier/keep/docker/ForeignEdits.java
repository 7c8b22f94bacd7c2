package io.farrier.keep.docker;

import static io.farrier.keep.docker.DaemonJsonFile.PATH;

import io.farrier.document.JsonDocument;
import io.farrier.document.JsonValue;
import io.farrier.keep.UserInfo;
import io.farrier.keep.docker.RunningDockerd.Sighting;
import io.farrier.plan.Claim;
import io.farrier.plan.Reason;
import io.farrier.runtime.LiveSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What others wrote and a reload or restart of dockerd would bring into effect along with what is farrier's (SAFETY 5). */
final class ForeignEdits {
    /** Read at a start only, and shown by /info as they stand in the file. */
    private static final Set<String> SHOWN_AS_WRITTEN = Set.of("log-driver", "default-runtime", "experimental");

    private final DaemonJsonFile.Observed seen;
    private final DaemonJsonWishes wishes;
    private final JsonDocument before;
    private final List<String> pending = new ArrayList<>();

    ForeignEdits(DaemonJsonFile.Observed seen, DaemonJsonWishes wishes, JsonDocument before) {
        this.seen = seen;
        this.wishes = wishes;
        this.before = before;
    }

    /** Empty where nothing of theirs would come into effect, as far as that can be seen. */
    Optional<Reason> objection(boolean isRestart) {
        seen.running().flatMap(Sighting::live).ifPresent(live -> {
            DaemonJsonWishes.LISTS.forEach(key -> collectElements(live, key));
            before.keys().forEach(key -> collectValue(live, key, isRestart));
        });
        if (isRestart) {
            pending.addAll(seen.staged());
        }
        String verb = isRestart ? "restart" : "reload";
        String order = isRestart ? "Restart" : "Reload";
        return pending.isEmpty()
                ? Optional.empty()
                : Optional.of(new Reason(
                        "Tried to plan a " + verb + " of docker",
                        "it would also bring into effect what is in " + PATH + (isRestart ? " or beside it" : "")
                                + " and is not farrier's: " + String.join("; ", pending) + ".",
                        order + " docker yourself once that is meant ('systemctl " + verb
                                + " docker'), or take it out of the file."));
    }

    private void collectElements(LiveSettings live, String key) {
        if (before.get(key).isEmpty()) {
            return;
        }
        List<String> inFile = before.texts(key);
        List<String> inEffect = live.list(key);
        for (String element : inFile) {
            if (!ListElement.isIn(inEffect, key, element) && isForeign(key, element)) {
                pending.add(key + " + " + UserInfo.masked(element));
            }
        }
        for (String element : inEffect) {
            if (!ListElement.isIn(inFile, key, element) && isForeign(key, element)) {
                pending.add(key + " - " + UserInfo.masked(element));
            }
        }
    }

    private boolean isForeign(String key, String element) {
        boolean wanted = ListElement.isIn(
                List.copyOf(wishes.elements().getOrDefault(key, Map.of()).keySet()), key, element);
        return !wanted && !isOwned(key, element) && !ListElement.isBuiltIn(ListElement.normal(key, element));
    }

    private boolean isOwned(String key, String element) {
        return seen.ours().claims().stream()
                .filter(claim ->
                        claim.kind() == Claim.Kind.ELEMENT && claim.key().equals(key))
                .anyMatch(claim -> ListElement.isIn(List.of(claim.value()), key, element));
    }

    private void collectValue(LiveSettings live, String key, boolean isRestart) {
        boolean takesEffect = DaemonJsonKey.reloads(key) || (isRestart && SHOWN_AS_WRITTEN.contains(key));
        Optional<String> now = live.find(key);
        Optional<String> staged =
                before.get(key).map(value -> meaning(key, value).plain());
        if (takesEffect && now.isPresent() && !wishes.isOurs(key, seen.ours()) && !now.equals(staged)) {
            pending.add(key + ": " + now.get() + " -> "
                    + before.get(key).map(Masked::text).orElse(""));
        }
    }

    /** Go reads {@code null} as the nothing of the key's type: for dockerd as good as absence. */
    private static JsonValue meaning(String key, JsonValue value) {
        return value instanceof JsonValue.Null
                ? DaemonJsonKey.find(key).flatMap(DaemonJsonKey::reset).orElse(value)
                : value;
    }
}
