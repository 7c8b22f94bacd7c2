package io.farrier.collector.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.collector.identity.NodeName;
import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of sources besides their lines, in one SQLite file: their labels, the losses that were declared, and
 * what retention dropped, so that it is not taken again. Its writer thread is {@code sources}.
 *
 * <p>Without the file nothing that is stored is lost: blocks name their sources themselves.
 */
final class SourceTable implements AutoCloseable {
    private static final Duration READ_DEADLINE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(SourceTable.class);

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> SCHEMA = List.of("""
            CREATE TABLE IF NOT EXISTS source (
              id INTEGER PRIMARY KEY, node TEXT NOT NULL, source TEXT NOT NULL, form TEXT NOT NULL,
              container TEXT NOT NULL, labels TEXT NOT NULL, last INTEGER NOT NULL,
              dropped_lines INTEGER NOT NULL DEFAULT 0, dropped_bytes INTEGER NOT NULL DEFAULT 0,
              UNIQUE (node, source))""", """
            CREATE TABLE IF NOT EXISTS dropped (
              source INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
              PRIMARY KEY (source, start)) WITHOUT ROWID""");

    private final GroupWriter<Connection> writer;
    private final Readers readers;

    /** What retention dropped of one source at once. */
    record Dropped(Source source, List<ByteRange> ranges, long lines) {
        long bytes() {
            return ranges.stream().mapToLong(ByteRange::length).sum();
        }
    }

    private SourceTable(GroupWriter<Connection> writer, Readers readers) {
        this.writer = writer;
        this.readers = readers;
    }

    /** Tells {@code sources} what it knows. */
    static SourceTable open(Path file, Sources sources) throws IOException {
        Database database = Database.openOrReplace(
                file,
                Stream.concat(SCHEMA.stream(), DeclaredLosses.SCHEMA.stream()).toList());
        try {
            GroupWriter<Connection> writer = new GroupWriter<>("sources", new SqliteTransactions(database.connect()));
            SourceTable table = new SourceTable(writer, new Readers(database));
            table.load(sources);
            writer.start();
            return table;
        } catch (SQLException e) {
            throw new IOException("Tried to open " + file + " but SQLite says: " + e.getMessage(), e);
        }
    }

    CompletableFuture<Void> put(Source source) {
        SourceFacts facts = source.facts();
        return writer.submit(facts.labels().length() * 2L + 256, connection -> {
            put(connection, source.node(), facts);
            return nothing();
        });
    }

    CompletableFuture<Void> lost(Source source, Lost lost, Instant received) {
        String container = source.container();
        return writer.submit(lost.reason().length() * 2L + 256, connection -> {
            DeclaredLosses.add(connection, source.node(), container, lost, received);
            return nothing();
        });
    }

    /** On disk when it completes: only then the lines may go. */
    CompletableFuture<Void> dropped(List<Dropped> dropped) {
        return writer.submit(0, connection -> {
            for (Dropped one : dropped) {
                long id = put(connection, one.source.node(), one.source.facts());
                Sql.update(
                        connection,
                        "UPDATE source SET dropped_lines = dropped_lines + ?, dropped_bytes = dropped_bytes + ?"
                                + " WHERE id = ?",
                        one.lines,
                        one.bytes(),
                        id);
                ByteRanges all = droppedRanges(connection, id);
                one.ranges.forEach(all::add);
                Sql.update(connection, "DELETE FROM dropped WHERE source = ?", id);
                for (ByteRange range : all.toList()) {
                    Sql.update(connection, "INSERT INTO dropped VALUES (?, ?, ?)", id, range.from(), range.to());
                }
            }
            return nothing();
        });
    }

    CompletableFuture<Void> forget(Source source) {
        String node = source.node().value();
        String name = source.id().value();
        return writer.submit(0, connection -> {
            Sql.update(
                    connection,
                    "DELETE FROM dropped WHERE source IN (SELECT id FROM source WHERE node = ? AND source = ?)",
                    node,
                    name);
            DeclaredLosses.forget(connection, source.node(), source.id());
            Sql.update(connection, "DELETE FROM source WHERE node = ? AND source = ?", node, name);
            return nothing();
        });
    }

    FoundLosses losses(NodeName node, Optional<Long> before, int limit) throws IOException {
        return readers.read(
                System.nanoTime() + READ_DEADLINE.toNanos(),
                connection -> DeclaredLosses.find(connection, node, before, limit));
    }

    boolean isHealthy() {
        return writer.isHealthy();
    }

    @Override
    public void close() throws IOException {
        writer.close();
        readers.close();
    }

    static String json(Map<String, String> labels) {
        try {
            return JSON.writeValueAsString(labels);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a map of strings is JSON", impossible);
        }
    }

    private void load(Sources sources) throws IOException {
        readers.read(Long.MAX_VALUE, connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT * FROM source");
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    loadIfWhole(connection, row, sources);
                }
            }
            return Optional.empty();
        });
    }

    private static void loadIfWhole(Connection connection, ResultSet row, Sources sources) throws SQLException {
        try {
            load(connection, row, sources);
        } catch (IllegalArgumentException flippedByte) {
            LOG.warn("A row of the sources is damaged and left out: {}", flippedByte.getMessage());
        }
    }

    private static void load(Connection connection, ResultSet row, Sources sources) throws SQLException {
        Source source = sources.findOrAdd(
                new NodeName(row.getString("node")),
                new SourceId(row.getString("source")),
                Form.valueOf(row.getString("form")),
                row.getString("container"));
        source.describe(source.form(), source.container(), row.getString("labels"));
        source.dropped(
                droppedRanges(connection, row.getLong("id")).toList(),
                row.getLong("dropped_lines"),
                row.getLong("dropped_bytes"),
                row.getLong("last"));
    }

    private static ByteRanges droppedRanges(Connection connection, long source) throws SQLException {
        ByteRanges ranges = new ByteRanges();
        try (PreparedStatement select =
                        Sql.prepare(connection, "SELECT start, stop FROM dropped WHERE source = ?", source);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                ranges.add(new ByteRange(row.getLong(1), row.getLong(2)));
            }
        }
        return ranges;
    }

    private static long put(Connection connection, NodeName node, SourceFacts facts) throws SQLException {
        Sql.update(
                connection,
                """
                INSERT INTO source (node, source, form, container, labels, last) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (node, source) DO UPDATE SET form = excluded.form, container = excluded.container,
                  labels = excluded.labels, last = excluded.last""",
                node.value(),
                facts.source().value(),
                facts.form().name(),
                facts.container(),
                facts.labels(),
                facts.last().toEpochMilli());
        return Sql.number(
                        connection,
                        "SELECT id FROM source WHERE node = ? AND source = ?",
                        node.value(),
                        facts.source().value())
                .orElseThrow();
    }

    @SuppressWarnings("NullAway")
    private static Void nothing() {
        return null;
    }
}
