package io.farrier.config;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Reads one YAML file into values with lines. It constructs no object: tags other than YAML's own are refused. */
final class YamlFile {
    /** A fleet's largest file is some ten kilobytes; inline CAs make it some hundred. */
    static final int MAX_BYTES = 1 << 20;
    /** The deepest property is five levels down; the rest is for {@code docker.daemon_json}. */
    static final int MAX_DEPTH = 30;
    /** After aliases are followed; it stops the file that writes a billion values in ten lines. */
    static final int MAX_VALUES = 50_000;

    private static final Set<Tag> KNOWN_TAGS = Set.of(
            Tag.STR,
            Tag.INT,
            Tag.FLOAT,
            Tag.BOOL,
            Tag.NULL,
            Tag.TIMESTAMP,
            Tag.MERGE,
            Tag.SEQ,
            Tag.MAP,
            new Tag(Tag.PREFIX + "value"));

    private final Path file;
    private final List<Problem> problems;
    private int values;

    private YamlFile(Path file, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** What the file says; the empty mapping for a file that says nothing, and after a problem that stops reading. */
    static Yaml.Mapping parse(Path file, byte[] bytes, List<Problem> problems) {
        return new YamlFile(file, problems).parse(bytes);
    }

    private Yaml.Mapping parse(byte[] bytes) {
        try {
            Node root = new org.yaml.snakeyaml.Yaml(bounds()).compose(new StringReader(decode(bytes)));
            if (root == null) {
                return new Yaml.Mapping(Map.of(), new Origin(file, 1));
            }
            if (root instanceof ScalarNode nothing
                    && nothing.isPlain()
                    && nothing.getValue().isEmpty()) {
                return new Yaml.Mapping(Map.of(), new Origin(file, 1));
            }
            Yaml value = convert(root, 0);
            if (value instanceof Yaml.Mapping mapping) {
                return mapping;
            }
            problem(value.origin(), "expected 'property: value' lines, but the file is " + value.kind());
        } catch (Unreadable unreadable) {
            problems.add(unreadable.problem);
        } catch (MarkedYAMLException syntax) {
            problems.add(syntaxProblem(syntax));
        } catch (YAMLException refused) {
            problems.add(new Problem(file, 0, "is not YAML: " + firstLine(refused)));
        }
        return Yaml.Mapping.EMPTY;
    }

    private static LoaderOptions bounds() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setAllowDuplicateKeys(false);
        return options;
    }

    private String decode(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new Unreadable(new Problem(file, 0, "is larger than " + MAX_BYTES + " bytes"));
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException notUtf8) {
            throw new Unreadable(new Problem(file, 0, "is not UTF-8 text"));
        }
    }

    private Yaml convert(Node node, int depth) {
        Origin origin = origin(node.getStartMark());
        if (++values > MAX_VALUES) {
            throw new Unreadable(at(origin, "aliases make more than " + MAX_VALUES + " values of this file"));
        }
        if (depth > MAX_DEPTH) {
            throw new Unreadable(at(origin, "is nested more than " + MAX_DEPTH + " levels deep"));
        }
        if (!KNOWN_TAGS.contains(node.getTag())) {
            problem(origin, "tag '" + node.getTag() + "' is not allowed; write the plain value");
        }
        if (node instanceof MappingNode mapping) {
            return mapping(mapping, origin, depth);
        }
        if (node instanceof SequenceNode sequence) {
            List<Yaml> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(convert(item, depth + 1));
            }
            return new Yaml.Sequence(items, origin);
        }
        ScalarNode scalar = (ScalarNode) node;
        return new Yaml.Scalar(scalar.getValue(), scalar.isPlain(), origin);
    }

    private Yaml.Mapping mapping(MappingNode mapping, Origin origin, int depth) {
        Map<String, Yaml.Entry> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Origin at = origin(tuple.getKeyNode().getStartMark());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problem(at, "a key must be a text");
                continue;
            }
            Yaml.Entry entry = new Yaml.Entry(at, convert(tuple.getValueNode(), depth + 1));
            Yaml.Entry earlier = entries.putIfAbsent(key.getValue(), entry);
            if (earlier != null) {
                problem(
                        at,
                        "key '" + key.getValue() + "' is already in line "
                                + earlier.key().line() + "; only one of them can count");
            }
        }
        return new Yaml.Mapping(entries, origin);
    }

    private Origin origin(Mark mark) {
        return new Origin(file, mark.getLine() + 1);
    }

    private void problem(Origin origin, String message) {
        problems.add(at(origin, message));
    }

    private Problem at(Origin origin, String message) {
        return new Problem(file, origin.line(), message);
    }

    /** The parser's own words, without the excerpt it likes to add: the line may hold a password. */
    private Problem syntaxProblem(MarkedYAMLException syntax) {
        Mark mark = syntax.getProblemMark();
        String words =
                syntax.getContext() == null ? syntax.getProblem() : syntax.getContext() + ": " + syntax.getProblem();
        return mark == null
                ? new Problem(file, 0, "is not YAML: " + words)
                : new Problem(
                        file, mark.getLine() + 1, "is not YAML at column " + (mark.getColumn() + 1) + ": " + words);
    }

    private static String firstLine(YAMLException refused) {
        return String.valueOf(refused.getMessage()).lines().findFirst().orElse("");
    }

    /** Ends the reading of this one file. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        Unreadable(Problem problem) {
            super(problem.message());
            this.problem = problem;
        }
    }
}
