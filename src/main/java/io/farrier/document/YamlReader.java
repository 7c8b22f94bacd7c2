package io.farrier.document;

import io.farrier.document.YamlNode.Alias;
import io.farrier.document.YamlNode.Entry;
import io.farrier.document.YamlNode.Mapping;
import io.farrier.document.YamlNode.Scalar;
import io.farrier.document.YamlNode.Sequence;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads one YAML document into nodes with places. It takes what yaml.v2 of Go takes (both descend from PyYAML), less
 * what nobody should rely on: keys that appear twice, tags, a second document.
 */
final class YamlReader {
    /** registries.yaml has five levels. */
    private static final int MAX_DEPTH = 32;

    /** yaml.v2: "found incompatible YAML document". */
    private static final Pattern VERSION = Pattern.compile("(?m)\\A(?:#.*\\R|\\s*\\R)*%YAML[ \\t]+(\\S+)");

    private final Utf8Text text;
    private final Map<String, YamlNode> anchors = new HashMap<>();
    private final Iterator<Event> events;
    private @Nullable Event ahead;

    private YamlReader(Utf8Text text) {
        this.text = text;
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        this.events = new Yaml(options)
                .parse(new StringReader(IdleTabs.blanked(text.text())))
                .iterator();
    }

    /** The root; empty when there is nothing but comments. */
    static Optional<YamlNode> read(Utf8Text text) throws InvalidDocumentException {
        try {
            return new YamlReader(text).readDocument();
        } catch (MarkedYAMLException syntax) {
            throw text.problem(offset(text, syntax.getProblemMark()), "this is not YAML: " + words(syntax));
        } catch (ReaderException unprintable) {
            throw text.problem(
                    offset(text, unprintable.getPosition()), "this is not YAML: control characters are not allowed");
        } catch (YAMLException broken) {
            throw text.problem(0, "this is not YAML: " + broken.getClass().getSimpleName());
        }
    }

    /** The parser's own words without the excerpt that it likes to add: the line may hold a password. */
    private static String words(MarkedYAMLException syntax) {
        String problem = String.valueOf(syntax.getProblem()).replaceAll("\\s+", " ");
        return syntax.getContext() == null ? problem : syntax.getContext() + ", " + problem;
    }

    private Optional<YamlNode> readDocument() throws InvalidDocumentException {
        checkVersion();
        next();
        if (peek().is(Event.ID.StreamEnd)) {
            return Optional.empty();
        }
        next();
        YamlNode root = readNode(0);
        next();
        if (!peek().is(Event.ID.StreamEnd)) {
            throw text.problem(offset(peek().getStartMark()), "a second document begins here, which nobody reads");
        }
        return Optional.of(root);
    }

    private void checkVersion() throws InvalidDocumentException {
        Matcher version = VERSION.matcher(text.text());
        if (version.find() && !version.group(1).equals("1.1")) {
            throw text.problem(version.start(1), "found incompatible YAML document; only %YAML 1.1 is read");
        }
    }

    private Event peek() {
        Event event = ahead == null ? events.next() : ahead;
        ahead = event;
        return event;
    }

    private Event next() {
        Event event = peek();
        ahead = null;
        return event;
    }

    private YamlNode readNode(int depth) throws InvalidDocumentException {
        NodeEvent event = (NodeEvent) next();
        int start = offset(event.getStartMark());
        if (depth > MAX_DEPTH) {
            throw text.problem(start, "it is nested more than " + MAX_DEPTH + " deep");
        }
        if (event instanceof AliasEvent) {
            return alias(event, start);
        }
        checkTag(event, start);
        YamlNode node = event instanceof ScalarEvent scalar
                ? scalar(scalar, start)
                : event instanceof MappingStartEvent mapping
                        ? readMapping(mapping, start, depth)
                        : readSequence((CollectionStartEvent) event, start, depth);
        if (event.getAnchor() != null) {
            anchors.put(event.getAnchor(), node);
        }
        return node;
    }

    private Alias alias(NodeEvent event, int start) throws InvalidDocumentException {
        YamlNode target = anchors.get(event.getAnchor());
        if (target == null) {
            throw text.problem(start, "found undefined alias");
        }
        return new Alias(start, offset(event.getEndMark()), event.getAnchor(), target);
    }

    private void checkTag(NodeEvent event, int start) throws InvalidDocumentException {
        String tag = event instanceof ScalarEvent scalar ? scalar.getTag() : ((CollectionStartEvent) event).getTag();
        if (tag != null) {
            throw text.problem(start, "a tag stands here; write the plain value");
        }
    }

    private Scalar scalar(ScalarEvent event, int start) {
        boolean isBlock = event.getScalarStyle() == ScalarStyle.LITERAL || event.getScalarStyle() == ScalarStyle.FOLDED;
        int end = offset(event.getEndMark());
        return new Scalar(
                start,
                isBlock ? trimmed(start, end) : end,
                event.getAnchor(),
                event.getValue(),
                event.getScalarStyle() == ScalarStyle.PLAIN);
    }

    /** The mark behind a block scalar stands in one of the next lines. */
    private int trimmed(int start, int end) {
        int at = end;
        while (at > start && Character.isWhitespace(text.text().charAt(at - 1))) {
            at--;
        }
        return at;
    }

    private Sequence readSequence(CollectionStartEvent event, int start, int depth) throws InvalidDocumentException {
        List<YamlNode> items = new ArrayList<>();
        while (!peek().is(Event.ID.SequenceEnd)) {
            items.add(readNode(depth + 1));
        }
        int close = offset(next().getEndMark());
        int end = event.isFlow() || items.isEmpty()
                ? close
                : items.get(items.size() - 1).end();
        return new Sequence(start, end, event.getAnchor(), event.isFlow(), List.copyOf(items));
    }

    private Mapping readMapping(MappingStartEvent event, int start, int depth) throws InvalidDocumentException {
        List<Entry> entries = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        while (!peek().is(Event.ID.MappingEnd)) {
            Scalar key = readKey(depth);
            if (!keys.add(key.text())) {
                throw text.problem(key.start(), "the key '" + key.text() + "' appears twice; only one of them counts");
            }
            entries.add(new Entry(key, readNode(depth + 1)));
        }
        int close = offset(next().getEndMark());
        int end = event.isFlow() || entries.isEmpty()
                ? close
                : entries.get(entries.size() - 1).end();
        return new Mapping(start, end, event.getAnchor(), event.isFlow(), List.copyOf(entries));
    }

    private Scalar readKey(int depth) throws InvalidDocumentException {
        YamlNode key = readNode(depth + 1);
        if (key instanceof Scalar scalar) {
            return scalar;
        }
        throw text.problem(key.start(), "a key must be a text");
    }

    private int offset(Mark mark) {
        return offset(text, mark);
    }

    /** Marks count code points. */
    private static int offset(Utf8Text text, @Nullable Mark mark) {
        return mark == null ? 0 : offset(text, mark.getIndex());
    }

    private static int offset(Utf8Text text, int codePoints) {
        boolean oneCharEach = text.codePoints() == text.text().length();
        return oneCharEach ? codePoints : text.text().offsetByCodePoints(0, codePoints);
    }
}
