package io.farrier.collector.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.collector.identity.NodeKey;
import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.Frame.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Nodes, their bindings, their latest states and their outcomes. One writer thread, {@code facts}; reads come from
 * any thread and end after {@link #READ_DEADLINE}.
 */
public final class FactStore implements AutoCloseable {
    /** A fleet of 10,000, twice over: whoever holds the agent token cannot fill the disk with names. */
    public static final int MAX_NODES = 20_000;

    /** Outcomes kept per node; about a year of a quiet node. */
    public static final int MAX_OUTCOMES = 500;

    /** One answer over all nodes stays in memory; ask for one node to see all of it. */
    static final long MAX_STATES_BYTES = 16L << 20;

    /** Spools remembered per node: the current one, and those of a few reinstalled agents. */
    static final int MAX_SPOOLS = 8;

    /** A page of facts is answered in milliseconds; this only bounds a sick disk. */
    static final Duration READ_DEADLINE = Duration.ofSeconds(5);

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> SCHEMA =
            List.of("""
            CREATE TABLE IF NOT EXISTS node (
              name TEXT PRIMARY KEY, node_key TEXT NOT NULL UNIQUE, first_seen INTEGER NOT NULL,
              last_seen INTEGER NOT NULL, node_time INTEGER NOT NULL, node_time_received INTEGER NOT NULL,
              agent TEXT NOT NULL, boot TEXT NOT NULL, labels TEXT NOT NULL) WITHOUT ROWID""", """
            CREATE TABLE IF NOT EXISTS state (
              node TEXT NOT NULL, topic TEXT NOT NULL, at INTEGER NOT NULL, received INTEGER NOT NULL,
              summary TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (node, topic)) WITHOUT ROWID""", """
            CREATE TABLE IF NOT EXISTS history (
              id INTEGER PRIMARY KEY, node TEXT NOT NULL, topic TEXT NOT NULL, at INTEGER NOT NULL,
              received INTEGER NOT NULL, data TEXT NOT NULL)""", "CREATE INDEX IF NOT EXISTS history_of_node ON history (node, id)", """
            CREATE TABLE IF NOT EXISTS spool (
              node TEXT NOT NULL, spool TEXT NOT NULL, seq INTEGER NOT NULL, received INTEGER NOT NULL,
              PRIMARY KEY (node, spool)) WITHOUT ROWID""");

    private final GroupWriter<Connection> writer;
    private final Readers readers;

    private FactStore(GroupWriter<Connection> writer, Readers readers) {
        this.writer = writer;
        this.readers = readers;
    }

    public static FactStore open(Path file) throws IOException {
        Database database = Database.openOrReplace(file, SCHEMA);
        try {
            GroupWriter<Connection> writer = new GroupWriter<>("facts", new SqliteTransactions(database.connect()));
            FactStore store = new FactStore(writer, new Readers(database));
            writer.start();
            return store;
        } catch (SQLException e) {
            throw new IOException("Tried to open " + file + " but SQLite says: " + e.getMessage(), e);
        }
    }

    /** Binds a name and a key to each other when neither is bound yet. */
    public CompletableFuture<Binding> bind(NodeName node, NodeKey key, Hello hello, Instant received) {
        return writer.submit(1024, connection -> {
            Optional<String> keyOfName = Sql.text(connection, "SELECT node_key FROM node WHERE name = ?", node.value());
            Optional<String> nameOfKey = Sql.text(connection, "SELECT name FROM node WHERE node_key = ?", key.sha256());
            if (keyOfName.isPresent() && !keyOfName.get().equals(key.sha256())) {
                return Binding.refused("the name " + node + " is bound to another node's key");
            }
            if (nameOfKey.isPresent() && !nameOfKey.get().equals(node.value())) {
                return Binding.refused("this node's key is bound to the name " + nameOfKey.get());
            }
            if (keyOfName.isEmpty()
                    && Sql.number(connection, "SELECT count(*) FROM node").orElse(0L) >= MAX_NODES) {
                return Binding.refused("this collector already knows " + MAX_NODES + " nodes");
            }
            insertOrUpdate(connection, node, key, hello, received);
            return Binding.BOUND;
        });
    }

    /** Gives the name free, with all that is known of the node; its key may then take another name. */
    public CompletableFuture<Boolean> forget(NodeName node) {
        return writer.submit(256, connection -> {
            Sql.update(connection, "DELETE FROM state WHERE node = ?", node.value());
            Sql.update(connection, "DELETE FROM history WHERE node = ?", node.value());
            Sql.update(connection, "DELETE FROM spool WHERE node = ?", node.value());
            return Sql.update(connection, "DELETE FROM node WHERE name = ?", node.value()) > 0;
        });
    }

    /** Completes with false when the store already had it. */
    public CompletableFuture<Boolean> append(NodeName node, Event event, Instant received) {
        String data = event.data().toString();
        String summary = StateSummary.of(event.topic(), event.data());
        return writer.submit(data.length() * 2L + 256, connection -> {
            Optional<Long> highest = Sql.number(
                    connection, "SELECT seq FROM spool WHERE node = ? AND spool = ?", node.value(), event.spool());
            if (highest.isPresent() && highest.get() >= event.seq()) {
                return false;
            }
            rememberSeq(connection, node, event, received);
            Sql.update(
                    connection,
                    "UPDATE node SET last_seen = ?, node_time = ?, node_time_received = ? WHERE name = ?",
                    received.toEpochMilli(),
                    millis(event.at()),
                    received.toEpochMilli(),
                    node.value());
            if (event.topic().isState()) {
                replaceState(connection, node, event, received, summary, data);
            } else {
                addToHistory(connection, node, event, received, data);
            }
            return true;
        });
    }

    public CompletableFuture<Integer> seen(NodeName node, Instant received) {
        return writer.submit(
                128,
                connection -> Sql.update(
                        connection,
                        "UPDATE node SET last_seen = ? WHERE name = ?",
                        received.toEpochMilli(),
                        node.value()));
    }

    public boolean isHealthy() {
        return writer.isHealthy();
    }

    /** All nodes, by name. */
    public List<NodeFacts> nodes() throws IOException {
        return read("SELECT * FROM node ORDER BY name", FactStore::nodeFacts);
    }

    public Optional<NodeFacts> node(NodeName name) throws IOException {
        return read("SELECT * FROM node WHERE name = ?", FactStore::nodeFacts, name.value()).stream()
                .findFirst();
    }

    /** The latest state of every node, by name, as many as fit {@link #MAX_STATES_BYTES}. */
    public States states(Topic topic) throws IOException {
        return readers.read(System.nanoTime() + READ_DEADLINE.toNanos(), connection -> {
            List<StoredEvent> events = new ArrayList<>();
            long bytes = 0;
            try (PreparedStatement select =
                            Sql.prepare(connection, "SELECT * FROM state WHERE topic = ? ORDER BY node", topic.name());
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    StoredEvent event = storedEvent(row);
                    bytes += event.data().length();
                    if (bytes > MAX_STATES_BYTES) {
                        return new States(events, false);
                    }
                    events.add(event);
                }
            }
            return new States(events, true);
        });
    }

    /** What {@link StateSummary} kept of every state of every node, or of one node. */
    public List<StateSummary> summaries(Optional<NodeName> node) throws IOException {
        return read(
                "SELECT node, topic, received, summary FROM state WHERE ? IN ('', node) ORDER BY node",
                row -> new StateSummary(
                        new NodeName(row.getString("node")),
                        Topic.valueOf(row.getString("topic")),
                        Instant.ofEpochMilli(row.getLong("received")),
                        row.getString("summary")),
                node.map(NodeName::value).orElse(""));
    }

    public Optional<StoredEvent> state(NodeName node, Topic topic) throws IOException {
        return read(
                        "SELECT * FROM state WHERE node = ? AND topic = ?",
                        FactStore::storedEvent,
                        node.value(),
                        topic.name())
                .stream()
                .findFirst();
    }

    /** The latest first. */
    public List<StoredEvent> history(NodeName node, int limit) throws IOException {
        return read(
                "SELECT * FROM history WHERE node = ? ORDER BY id DESC LIMIT ?",
                FactStore::storedEvent,
                node.value(),
                limit);
    }

    @Override
    public void close() throws IOException {
        writer.close();
        readers.close();
    }

    private static void insertOrUpdate(Connection connection, NodeName node, NodeKey key, Hello hello, Instant received)
            throws SQLException {
        long now = received.toEpochMilli();
        Sql.update(
                connection,
                """
                INSERT INTO node VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET last_seen = excluded.last_seen, agent = excluded.agent,
                  boot = excluded.boot, labels = excluded.labels""",
                node.value(),
                key.sha256(),
                now,
                now,
                now,
                now,
                hello.agent(),
                hello.boot(),
                labels(hello));
    }

    private static String labels(Hello hello) {
        try {
            return JSON.writeValueAsString(hello.labels());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a map of strings is JSON", impossible);
        }
    }

    private static void rememberSeq(Connection connection, NodeName node, Event event, Instant received)
            throws SQLException {
        Sql.update(connection, """
                INSERT INTO spool VALUES (?, ?, ?, ?)
                ON CONFLICT (node, spool) DO UPDATE SET seq = excluded.seq, received = excluded.received""", node.value(), event.spool(), event.seq(), received.toEpochMilli());
        Sql.update(connection, """
                DELETE FROM spool WHERE node = ? AND spool NOT IN
                  (SELECT spool FROM spool WHERE node = ? ORDER BY received DESC, spool = ? DESC LIMIT ?)""", node.value(), node.value(), event.spool(), MAX_SPOOLS);
    }

    private static void replaceState(
            Connection connection, NodeName node, Event event, Instant received, String summary, String data)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?, ?)",
                node.value(),
                event.topic().name(),
                millis(event.at()),
                received.toEpochMilli(),
                summary,
                data);
    }

    private static void addToHistory(Connection connection, NodeName node, Event event, Instant received, String data)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO history (node, topic, at, received, data) VALUES (?, ?, ?, ?, ?)",
                node.value(),
                event.topic().name(),
                millis(event.at()),
                received.toEpochMilli(),
                data);
        Sql.update(connection, """
                DELETE FROM history WHERE node = ? AND id <=
                  (SELECT id FROM history WHERE node = ? ORDER BY id DESC LIMIT 1 OFFSET ?)""", node.value(), node.value(), MAX_OUTCOMES);
    }

    /** A node's clock may say anything; what does not fit is shown as the end of time. */
    private static long millis(Instant at) {
        try {
            return at.toEpochMilli();
        } catch (ArithmeticException beyond) {
            return at.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    private static NodeFacts nodeFacts(ResultSet row) throws SQLException {
        return new NodeFacts(
                new NodeName(row.getString("name")),
                Instant.ofEpochMilli(row.getLong("first_seen")),
                Instant.ofEpochMilli(row.getLong("last_seen")),
                Instant.ofEpochMilli(row.getLong("node_time")),
                Instant.ofEpochMilli(row.getLong("node_time_received")),
                row.getString("agent"),
                row.getString("boot"),
                row.getString("labels"));
    }

    private static StoredEvent storedEvent(ResultSet row) throws SQLException {
        return new StoredEvent(
                new NodeName(row.getString("node")),
                Topic.valueOf(row.getString("topic")),
                Instant.ofEpochMilli(row.getLong("at")),
                Instant.ofEpochMilli(row.getLong("received")),
                row.getString("data"));
    }

    @FunctionalInterface
    private interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    private <T> List<T> read(String sql, Row<T> row, Object... values) throws IOException {
        return readers.read(System.nanoTime() + READ_DEADLINE.toNanos(), connection -> {
            List<T> rows = new ArrayList<>();
            try (PreparedStatement statement = Sql.prepare(connection, sql, values);
                    ResultSet results = statement.executeQuery()) {
                while (results.next()) {
                    rows.add(row.of(results));
                }
            }
            return rows;
        });
    }
}
