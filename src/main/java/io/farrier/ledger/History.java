package io.farrier.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.node.JournalSocket;
import io.farrier.node.NodeFiles;
import io.farrier.plan.FileState;
import io.farrier.plan.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Who changed what on this node, and when; and what was refused: one JSON object a line, only ever appended to. It holds
 * fingerprints and redacted changes, no content. Each line is told to the journal as well, where there is one.
 */
public final class History {
    /** Years of changes; then the older half goes. */
    private static final int MAX_BYTES = 1024 * 1024;

    /** One line more than that: a change has at most a record of the ledger. */
    private static final int MAX_READ_BYTES = 64 * 1024 * 1024;

    private static final int FILE_MODE = 0600;
    /** Loaded when there is something to read or write, not when an agent starts. */
    private static final class Json {
        private static final JsonMapper MAPPER = new JsonMapper();
    }

    private final NodeFiles files;
    private final Path folder;
    private final JournalSocket journal;

    History(NodeFiles files, Path folder, JournalSocket journal) {
        this.files = files;
        this.folder = folder;
        this.journal = journal;
    }

    /** What became of a change. */
    static String line(OpenChange change, List<Outcome> outcomes) {
        ObjectNode line = Form.history(change.id(), change.at(), change.by(), outcomes);
        line.set("files", Form.fingerprints(change.edits()));
        return Record.text(line);
    }

    /** What was refused or held back before anything was written. */
    static String line(By by, Instant at, List<Outcome> outcomes) {
        return Record.text(Form.history(UUID.randomUUID().toString(), at, by, outcomes));
    }

    /** Appends the line, unless it is the last one already: a change is finished once or twice. */
    void append(String line) throws IOException {
        byte[] history = read();
        String text = new String(history, StandardCharsets.UTF_8);
        if (text.endsWith(line + "\n")) {
            return;
        }
        files.makeFolders(folder, Ledger.FOLDER_MODE);
        if (history.length > MAX_BYTES) {
            int half = text.indexOf('\n', text.length() / 2) + 1;
            files.replace(file(), FileState.of(text.substring(half).getBytes(StandardCharsets.UTF_8), FILE_MODE));
        }
        String endOfCutLine = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
        files.append(file(), (endOfCutLine + line + "\n").getBytes(StandardCharsets.UTF_8), FILE_MODE);
        parse(line).ifPresent(node -> journal.send(fields(node, line)));
    }

    /** Oldest first. A line that a kill cut is left out. */
    List<JsonNode> lines() throws IOException {
        return new String(read(), StandardCharsets.UTF_8)
                .lines()
                .flatMap(line -> parse(line).stream())
                .toList();
    }

    /** Whether this is what was last said of the resource. */
    boolean endsWith(Outcome outcome) throws IOException {
        List<JsonNode> said = new ArrayList<>();
        for (JsonNode line : lines()) {
            for (JsonNode one : line.path("outcomes")) {
                if (one.path("resource").asText().equals(outcome.resource().value())) {
                    said.add(one);
                }
            }
        }
        return !said.isEmpty() && Form.saysTheSame(said.get(said.size() - 1), outcome);
    }

    /** By the last proof of each: {@code registry/HOST} is what a proof is about. */
    List<String> unproven() throws IOException {
        Map<String, Boolean> isProven = new LinkedHashMap<>();
        for (JsonNode line : lines()) {
            for (JsonNode one : line.path("outcomes")) {
                String result = one.path("result").asText();
                if (result.equals("proven") || result.equals("unproven")) {
                    String about = one.path("resource").asText();
                    isProven.put(about.substring(about.indexOf('/') + 1), result.equals("proven"));
                }
            }
        }
        return isProven.entrySet().stream()
                .filter(last -> !last.getValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    private byte[] read() throws IOException {
        return files.read(file(), MAX_READ_BYTES).content();
    }

    private Path file() {
        return folder.resolve("history.jsonl");
    }

    private static Optional<JsonNode> parse(String line) {
        try {
            return Optional.of(Json.MAPPER.readTree(line)).filter(JsonNode::isObject);
        } catch (JsonProcessingException cutByAKill) {
            return Optional.empty();
        }
    }

    /** For {@code journalctl FARRIER_WHO=alice}. */
    private static Map<String, String> fields(JsonNode node, String line) {
        JsonNode by = node.path("by");
        String results = StreamSupport.stream(node.path("outcomes").spliterator(), false)
                .map(outcome -> outcome.path("resource").asText() + " "
                        + outcome.path("result").asText().replace('_', ' '))
                .collect(Collectors.joining(", "));
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(
                "MESSAGE",
                by.path("verb").asText() + " by " + by.path("who").asText() + ": "
                        + (results.isEmpty() ? "nothing to do" : results));
        fields.put("FARRIER_CHANGE", node.path("id").asText());
        fields.put("FARRIER_VERB", by.path("verb").asText());
        fields.put("FARRIER_WHO", by.path("who").asText());
        fields.put("FARRIER_VERSION", by.path("version").asText());
        fields.put("FARRIER_CONFIGURATION", by.path("configuration").asText());
        fields.put("FARRIER_RECORD", line);
        return fields;
    }
}
