package io.farrier.keep;

import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.document.KeyedDocument;
import io.farrier.image.RegistryHost;
import io.farrier.ledger.Ownership;
import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import io.farrier.plan.Claim;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Plans the keys of one document: sets what is wanted, remembers what was there, gives it back when it is no longer wanted.
 * What an operator has there already is left alone and not claimed (SAFETY 53); a list is edited by element.
 */
public final class DocumentPlanner {
    private static final String MADE_MAP = "{}";
    private static final String MADE_LIST = "[]";

    private final Path path;
    private final KeyedDocument before;
    private final Ownership ours;
    private final Proposals proposals;
    private final BiFunction<KeyPath, JsonValue, String> shown;
    private final SortedSet<Claim> claims = new TreeSet<>();
    private final int changesOfOthers;
    private final List<Claim> ownedKeys;
    private final Map<String, Claim> ownedValues;
    private KeyedDocument document;

    private DocumentPlanner(
            Path path,
            KeyedDocument before,
            Ownership ours,
            Proposals proposals,
            BiFunction<KeyPath, JsonValue, String> shown) {
        this.path = path;
        this.before = before;
        this.ours = ours;
        this.proposals = proposals;
        this.shown = shown;
        this.document = before;
        this.changesOfOthers = proposals.changes().size();
        this.ownedKeys = ours.claims(Claim.Kind.KEY, path);
        this.ownedValues = ownedKeys.stream()
                .filter(claim -> !isContainer(claim))
                .collect(Collectors.toMap(Claim::key, claim -> claim, (first, second) -> first));
    }

    /** @param claims what is farrier's in the document then */
    public record Planned(KeyedDocument document, SortedSet<Claim> claims) {}

    /**
     * @param path of the file
     * @param shown a value as it may be shown: secrets masked
     * @throws InvalidDocumentException when the document is written in a way that cannot be edited
     */
    public static Planned plan(
            Path path,
            KeyedDocument before,
            Ownership ours,
            Wishes wishes,
            Proposals proposals,
            BiFunction<KeyPath, JsonValue, String> shown)
            throws InvalidDocumentException {
        return new DocumentPlanner(path, before, ours, proposals, shown).plan(wishes);
    }

    private Planned plan(Wishes wishes) throws InvalidDocumentException {
        for (Map.Entry<KeyPath, Wishes.Wish> wish : wishes.inOrder().entrySet()) {
            if (wish.getValue() instanceof Wishes.Elements elements) {
                planList(wish.getKey(), elements);
            } else {
                planValue(wish.getKey(), (Wishes.Value) wish.getValue());
            }
        }
        for (Claim claim : ours.claims(Claim.Kind.ELEMENT, path)) {
            planElementRemoval(claim, wishes);
        }
        for (Claim claim : ownedKeys) {
            planValueRemoval(claim, wishes);
        }
        planContainers();
        return new Planned(document, claims);
    }

    private static KeyPath keyOf(Claim claim) {
        return KeyPath.parse(claim.key());
    }

    // Lists

    private void planList(KeyPath list, Wishes.Elements wish) throws InvalidDocumentException {
        boolean isAdded = false;
        for (String element : wish.elements()) {
            Claim claim = Claim.element(path, list.toString(), element);
            boolean isThere = contains(elements(before, list), element);
            if (!isThere) {
                Change add = change(Kind.ADD, list, Optional.empty(), Optional.of(text(element)), wish.about());
                isThere = proposals.propose(add) && add(list, element, claim);
                isAdded |= isThere;
            }
            if (ours.owns(claim)) {
                claims.add(claim);
            } else if (isThere && !claims.contains(claim)) {
                proposals.notOurs(list + ": " + shown.apply(list, text(element)));
            }
        }
        restoreOrder(list, wish, isAdded);
    }

    private boolean add(KeyPath list, String element, Claim claim) throws InvalidDocumentException {
        document = document.withElement(list, element);
        claims.add(claim);
        return true;
    }

    /** Ours stand in the configured order, behind those of others. */
    private void restoreOrder(KeyPath list, Wishes.Elements wish, boolean isAdded) throws InvalidDocumentException {
        List<String> wanted = wish.elements().stream()
                .filter(element -> claims.contains(Claim.element(path, list.toString(), element)))
                .toList();
        List<String> there =
                elements(document, list).stream().filter(wanted::contains).toList();
        if (there.equals(wanted) || there.size() != wanted.size()) {
            return;
        }
        Change reorder = change(Kind.CHANGE, list, Optional.of(text(there)), Optional.of(text(wanted)), wish.about());
        if (isAdded || proposals.propose(reorder)) {
            for (String element : wanted) {
                document = document.withoutElement(list, element).withElement(list, element);
            }
        }
    }

    private static JsonValue text(String element) {
        return new JsonValue.Text(element);
    }

    private static JsonValue text(List<String> elements) {
        return JsonValue.Array.ofTexts(elements);
    }

    private static List<String> elements(KeyedDocument document, KeyPath list) {
        return document.get(list)
                .map(value -> value instanceof JsonValue.Array array
                        ? array.texts()
                        : value instanceof JsonValue.Text single ? List.of(single.value()) : List.<String>of())
                .orElse(List.of());
    }

    /** A slash at the end of a URL is no difference. */
    private static boolean contains(List<String> elements, String element) {
        return elements.stream().anyMatch(each -> bare(each).equals(bare(element)));
    }

    private static String bare(String element) {
        int end = element.length();
        while (end > 0 && element.charAt(end - 1) == '/') {
            end--;
        }
        return element.substring(0, end);
    }

    private void planElementRemoval(Claim claim, Wishes wishes) throws InvalidDocumentException {
        KeyPath list = keyOf(claim);
        if (wishes.hasElement(list, claim.value())) {
            return;
        }
        if (wishes.isFrozen(list)) {
            claims.add(claim);
            return;
        }
        if (!elements(before, list).contains(claim.value())) {
            return;
        }
        Change remove = change(Kind.REMOVE, list, Optional.of(text(claim.value())), Optional.empty(), aboutOf(list));
        if (proposals.propose(remove)) {
            document = document.withoutElement(list, claim.value());
        } else {
            claims.add(claim);
        }
    }

    // Values

    private void planValue(KeyPath key, Wishes.Value wish) throws InvalidDocumentException {
        Optional<JsonValue> current = before.get(key).filter(value -> !(value instanceof JsonValue.Null));
        Optional<Claim> owned = Optional.ofNullable(ownedValues.get(key.toString()));
        boolean willDo =
                current.equals(Optional.of(wish.value())) || (wish.implied() && current.isPresent() && owned.isEmpty());
        if (willDo) {
            owned.ifPresentOrElse(claims::add, () -> noteNotOurs(key, wish));
            return;
        }
        Kind kind = current.isPresent() ? Kind.CHANGE : Kind.ADD;
        if (proposals.propose(change(kind, key, current, Optional.of(wish.value()), wish.about()))) {
            document = document.with(key, wish.value());
            Optional<String> original = owned.isPresent() ? owned.get().before() : current.map(JsonValue::text);
            claims.add(Claim.key(path, key.toString(), wish.value().text(), original));
        } else {
            owned.ifPresent(claims::add);
        }
    }

    private void noteNotOurs(KeyPath key, Wishes.Value wish) {
        if (!wish.implied()) {
            proposals.notOurs(key + ": " + shown.apply(key, wish.value()));
        }
    }

    private static boolean isContainer(Claim claim) {
        return claim.value().equals(MADE_MAP) || claim.value().equals(MADE_LIST);
    }

    /** Back to what it was, if it still is as farrier set it. */
    private void planValueRemoval(Claim claim, Wishes wishes) throws InvalidDocumentException {
        KeyPath key = keyOf(claim);
        if (isContainer(claim) || wishes.hasValue(key)) {
            return;
        }
        if (wishes.isFrozen(key)) {
            claims.add(claim);
            return;
        }
        Optional<JsonValue> current = before.get(key);
        if (!current.map(JsonValue::text).equals(Optional.of(claim.value()))) {
            return;
        }
        Optional<JsonValue> original = claim.before().isPresent()
                ? Optional.of(JsonValue.parse(claim.before().get()))
                : Optional.empty();
        if (proposals.propose(change(Kind.REMOVE, key, current, original, aboutOf(key)))) {
            document = original.isPresent() ? document.with(key, original.get()) : document.without(key);
        } else {
            claims.add(claim);
        }
    }

    // Maps and lists that farrier made

    private void planContainers() throws InvalidDocumentException {
        Set<KeyPath> made = ownedKeys.stream()
                .filter(DocumentPlanner::isContainer)
                .map(DocumentPlanner::keyOf)
                .collect(Collectors.toSet());
        claims.stream()
                .flatMap(DocumentPlanner::above)
                .distinct()
                .filter(key -> before.get(key).isEmpty())
                .forEach(made::add);
        List<KeyPath> deepestFirst = new ArrayList<>(made);
        deepestFirst.sort(Comparator.comparing((KeyPath key) -> key.keys().size())
                .reversed()
                .thenComparing(Comparator.naturalOrder()));
        for (KeyPath key : deepestFirst) {
            keepOrRemove(key);
        }
    }

    private static Stream<KeyPath> above(Claim claim) {
        KeyPath key = keyOf(claim);
        return claim.kind() == Claim.Kind.ELEMENT
                ? Stream.concat(key.parents().stream(), Stream.of(key))
                : key.parents().stream();
    }

    private void keepOrRemove(KeyPath key) throws InvalidDocumentException {
        Optional<JsonValue> value = document.get(key);
        if (value.isEmpty()) {
            return;
        }
        if (isEmpty(value.get()) && mayGo(key, value.get())) {
            document = document.without(key);
            return;
        }
        boolean isList = value.get() instanceof JsonValue.Array;
        claims.add(Claim.key(path, key.toString(), isList ? MADE_LIST : MADE_MAP, Optional.empty()));
    }

    private static boolean isEmpty(JsonValue value) {
        return value instanceof JsonValue.Null
                || (value instanceof JsonValue.Obj map && map.members().isEmpty())
                || (value instanceof JsonValue.Array list && list.elements().isEmpty());
    }

    /** It goes along with what was in it; alone, it is a change of its own. */
    private boolean mayGo(KeyPath key, JsonValue value) {
        boolean goesAlong = proposals.changes().size() > changesOfOthers;
        return goesAlong
                || proposals.propose(change(Kind.REMOVE, key, Optional.of(value), Optional.empty(), aboutOf(key)));
    }

    // Changes

    private Change change(
            Kind kind, KeyPath key, Optional<JsonValue> was, Optional<JsonValue> willBe, Optional<RegistryHost> about) {
        Optional<String> shownBefore = was.map(value -> shown.apply(key, value));
        Optional<String> shownAfter = willBe.map(value -> shown.apply(key, value));
        // Two secrets look alike once they are masked.
        boolean looksTheSame = shownBefore.isPresent() && shownBefore.equals(shownAfter);
        return new Change(
                kind,
                key.toString(),
                shownBefore,
                looksTheSame ? shownAfter.map(text -> text + " (changed)") : shownAfter,
                about,
                Optional.empty());
    }

    /** The registry whose key stands within the path: its second step, in both documents. */
    private static Optional<RegistryHost> aboutOf(KeyPath key) {
        if (key.keys().size() < 2) {
            return Optional.empty();
        }
        try {
            return Optional.of(RegistryHost.parse(key.keys().get(1)));
        } catch (IllegalArgumentException notAHost) {
            return Optional.empty();
        }
    }
}
