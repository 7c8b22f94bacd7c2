package io.farrier.document;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A piece of YAML text that knows where it stands. {@code end} is behind its last character that is not white space. */
sealed interface YamlNode {
    int start();

    int end();

    /** The anchor it is known by, or refers to; null for most. */
    @Nullable
    String anchor();

    /** @param plain false when quoted or a block: it is then a text, whatever it looks like */
    record Scalar(int start, int end, @Nullable String anchor, String text, boolean plain) implements YamlNode {
        boolean isNull() {
            return plain && (text.isEmpty() || text.equals("~") || text.matches("null|Null|NULL"));
        }

        boolean isMerge() {
            return plain && text.equals("<<");
        }
    }

    record Sequence(int start, int end, @Nullable String anchor, boolean flow, List<YamlNode> items)
            implements YamlNode {}

    record Mapping(int start, int end, @Nullable String anchor, boolean flow, List<Entry> entries) implements YamlNode {
        Optional<Entry> find(String key) {
            return entries.stream()
                    .filter(entry -> entry.key().text().equals(key))
                    .findFirst();
        }

        boolean merges() {
            return entries.stream().anyMatch(entry -> entry.key().isMerge());
        }
    }

    record Alias(int start, int end, @Nullable String anchor, YamlNode target) implements YamlNode {}

    record Entry(Scalar key, YamlNode value) {
        int start() {
            return key.start();
        }

        int end() {
            return value.end();
        }
    }

    default YamlNode resolved() {
        return this instanceof Alias alias ? alias.target().resolved() : this;
    }
}
