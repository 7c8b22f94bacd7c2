package io.farrier.collector.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.collector.identity.NodeName;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lines in one SQLite file, raw. The ranges that are stored commit together with their lines, so a kill at any moment
 * leaves both or neither. One writer thread, {@code lines}.
 */
public final class SqliteLineStore implements LineStore {
    /** Gaps a source may have; two are normal. More is a sender that cannot count, and would cost memory. */
    static final int MAX_RANGES = 1_000;

    /** Losses kept per node. */
    static final int MAX_LOSSES = 1_000;

    private static final Duration SEARCH_DEADLINE = Duration.ofSeconds(5);

    /** Sources whose ranges stay in memory; one that is not there is read again. */
    private static final int MAX_SOURCES_IN_MEMORY = 4_096;

    /** Lines that retention drops in one transaction: a few dozen milliseconds. */
    private static final int EXPIRE_STEP = 20_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> SCHEMA = List.of(
            """
            CREATE TABLE IF NOT EXISTS source (
              id INTEGER PRIMARY KEY, node TEXT NOT NULL, source TEXT NOT NULL, form TEXT NOT NULL,
              container TEXT NOT NULL, labels TEXT NOT NULL, last INTEGER NOT NULL,
              lines INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (node, source))""",
            """
            CREATE TABLE IF NOT EXISTS line (
              id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL, start INTEGER NOT NULL,
              received INTEGER NOT NULL, raw BLOB NOT NULL)""",
            "CREATE INDEX IF NOT EXISTS line_of_source ON line (source, id)",
            """
            CREATE TABLE IF NOT EXISTS stored (
              source INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
              PRIMARY KEY (source, start)) WITHOUT ROWID""",
            """
            CREATE TABLE IF NOT EXISTS lost (
              id INTEGER PRIMARY KEY, node TEXT NOT NULL, source INTEGER NOT NULL, start INTEGER NOT NULL,
              stop INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, received INTEGER NOT NULL,
              UNIQUE (source, start, stop, at))""",
            "CREATE INDEX IF NOT EXISTS lost_of_node ON lost (node, id)");

    /** A source as the writer knows it; only its thread touches it. */
    private record Known(long id, ByteRanges stored) {}

    private final Map<String, Known> known = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MAX_SOURCES_IN_MEMORY;
        }
    };
    private final GroupWriter writer;
    private final Readers readers;
    private final AtomicBoolean expiring = new AtomicBoolean();
    private final AtomicLong expired = new AtomicLong();

    private SqliteLineStore(Database database) throws IOException, SQLException {
        this.writer = new GroupWriter("lines", database.connect(), known::clear);
        this.readers = new Readers(database);
    }

    public static SqliteLineStore open(Path file) throws IOException {
        Database database = Database.open(file, SCHEMA);
        try {
            SqliteLineStore store = new SqliteLineStore(database);
            store.writer.start();
            return store;
        } catch (SQLException e) {
            throw new IOException("Tried to open " + file + " but SQLite says: " + e.getMessage(), e);
        }
    }

    @Override
    public CompletableFuture<Void> open(NodeName node, SourceOpened source, Instant received) {
        String labels = json(source.labels());
        return writer.submit(labels.length() * 2L + 256, connection -> {
            Sql.update(
                    connection,
                    """
                    INSERT INTO source (node, source, form, container, labels, last) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (node, source) DO UPDATE SET form = excluded.form, container = excluded.container,
                      labels = excluded.labels, last = excluded.last""",
                    node.value(),
                    source.source().value(),
                    source.form().name(),
                    source.container(),
                    labels,
                    received.toEpochMilli());
            return nothing();
        });
    }

    @Override
    public CompletableFuture<List<ByteRange>> append(NodeName node, LogBatch batch, Instant received) {
        return writer.submit(batch.body().remaining() + 256L, connection -> {
            Known source = known(connection, node, batch.source());
            ByteRange whole = new ByteRange(batch.from(), batch.to());
            List<ByteRange> missing = source.stored.missingFrom(whole);
            if (missing.isEmpty()) {
                return missing;
            }
            long lines = 0;
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO line (source, start, received, raw) VALUES (?, ?, ?, ?)")) {
                for (ByteRange part : missing) {
                    lines += addLines(insert, source.id, part, slice(batch, part), received);
                }
                insert.executeBatch();
            }
            addRange(connection, source, whole);
            Sql.update(
                    connection,
                    "UPDATE source SET lines = lines + ?, bytes = bytes + ?, last = ? WHERE id = ?",
                    lines,
                    missing.stream().mapToLong(ByteRange::length).sum(),
                    received.toEpochMilli(),
                    source.id);
            return missing;
        });
    }

    @Override
    public CompletableFuture<Void> lost(NodeName node, Lost lost, Instant received) {
        return writer.submit(lost.reason().length() * 2L + 256, connection -> {
            Known source = known(connection, node, lost.source());
            Sql.update(
                    connection,
                    """
                    INSERT OR IGNORE INTO lost (node, source, start, stop, reason, at, received)
                    VALUES (?, ?, ?, ?, ?, ?, ?)""",
                    node.value(),
                    source.id,
                    lost.from(),
                    lost.to(),
                    lost.reason(),
                    lost.at().toString(),
                    received.toEpochMilli());
            Sql.update(connection, """
                    DELETE FROM lost WHERE node = ? AND id <=
                      (SELECT id FROM lost WHERE node = ? ORDER BY id DESC LIMIT 1 OFFSET ?)""", node.value(), node.value(), MAX_LOSSES);
            return nothing();
        });
    }

    @Override
    public ByteRanges ranges(NodeName node, SourceId source) throws IOException {
        return read(connection -> {
            Optional<Long> id = sourceId(connection, node, source);
            return id.isPresent() ? storedRanges(connection, id.get()) : new ByteRanges();
        });
    }

    @Override
    public FoundLines search(LineQuery query) throws IOException {
        long deadline = System.nanoTime() + SEARCH_DEADLINE.toNanos();
        return readers.read(deadline, connection -> new LineSearch(connection, query, deadline).find());
    }

    @Override
    public List<StoredLoss> losses(NodeName node, int limit) throws IOException {
        return read(connection -> {
            List<StoredLoss> losses = new ArrayList<>();
            try (PreparedStatement select = Sql.prepare(connection, """
                            SELECT lost.*, source.container AS container, source.source AS name
                            FROM lost JOIN source ON source.id = lost.source
                            WHERE lost.node = ? ORDER BY lost.id DESC LIMIT ?""", node.value(), limit);
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    losses.add(new StoredLoss(
                            row.getString("container"),
                            new Lost(
                                    new SourceId(row.getString("name")),
                                    row.getLong("start"),
                                    row.getLong("stop"),
                                    row.getString("reason"),
                                    Instant.parse(row.getString("at"))),
                            Instant.ofEpochMilli(row.getLong("received"))));
                }
            }
            return losses;
        });
    }

    @Override
    public List<SourceFacts> sources(NodeName node) throws IOException {
        return read(connection -> {
            List<SourceFacts> sources = new ArrayList<>();
            try (PreparedStatement select = Sql.prepare(
                            connection, "SELECT * FROM source WHERE node = ? ORDER BY last DESC", node.value());
                    ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    sources.add(new SourceFacts(
                            new SourceId(row.getString("source")),
                            Form.valueOf(row.getString("form")),
                            row.getString("container"),
                            row.getString("labels"),
                            row.getLong("lines"),
                            row.getLong("bytes"),
                            Instant.ofEpochMilli(row.getLong("last"))));
                }
            }
            return sources;
        });
    }

    @Override
    public LineTotals totals() throws IOException {
        return read(connection -> new LineTotals(usedBytes(connection), expired.get()));
    }

    @Override
    public void retain(Retention retention, Instant now) {
        if (expiring.compareAndSet(false, true)) {
            expireStep(retention, now);
        }
    }

    @Override
    public boolean isHealthy() {
        return writer.isHealthy();
    }

    @Override
    public void close() throws IOException {
        writer.close();
        readers.close();
    }

    private void expireStep(Retention retention, Instant now) {
        long oldest = now.minus(Duration.ofDays(retention.days())).toEpochMilli();
        writer.submit(0, connection -> expire(connection, retention, oldest)).whenComplete((dropped, failure) -> {
            if (failure != null || dropped == 0) {
                expiring.set(false);
                return;
            }
            expired.addAndGet(dropped);
            expireStep(retention, now);
        });
    }

    private int expire(Connection connection, Retention retention, long oldest) throws SQLException {
        boolean full = usedBytes(connection) > retention.maxBytes();
        int dropped = Sql.update(
                connection,
                "DELETE FROM line WHERE id IN (SELECT id FROM line ORDER BY id LIMIT ?) AND (received < ? OR ?)",
                EXPIRE_STEP,
                oldest,
                full ? 1 : 0);
        if (dropped == 0) {
            forgetSources(connection, oldest);
        }
        return dropped;
    }

    /** A file that was silent for as long as lines are kept is not sent again. */
    private void forgetSources(Connection connection, long oldest) throws SQLException {
        String gone = "(SELECT id FROM source WHERE last < ?"
                + " AND NOT EXISTS (SELECT 1 FROM line WHERE line.source = source.id))";
        Sql.update(connection, "DELETE FROM stored WHERE source IN " + gone, oldest);
        Sql.update(connection, "DELETE FROM lost WHERE source IN " + gone, oldest);
        if (Sql.update(connection, "DELETE FROM source WHERE id IN " + gone, oldest) > 0) {
            known.clear();
        }
    }

    private static long usedBytes(Connection connection) throws SQLException {
        return Sql.number(
                        connection,
                        "SELECT (page_count - freelist_count) * page_size"
                                + " FROM pragma_page_count, pragma_freelist_count, pragma_page_size")
                .orElse(0L);
    }

    private Known known(Connection connection, NodeName node, SourceId source) throws SQLException {
        String key = node.value() + '\n' + source.value();
        Known cached = known.get(key);
        if (cached != null) {
            return cached;
        }
        long id = sourceId(connection, node, source)
                .orElseThrow(() -> new IllegalStateException("the source was not opened"));
        Known loaded = new Known(id, storedRanges(connection, id));
        known.put(key, loaded);
        return loaded;
    }

    private static void addRange(Connection connection, Known source, ByteRange added) throws SQLException {
        source.stored.add(added);
        List<ByteRange> ranges = source.stored.toList();
        if (ranges.size() > MAX_RANGES) {
            throw new IllegalStateException("the source has more than " + MAX_RANGES + " gaps");
        }
        ByteRange merged = ranges.stream()
                .filter(range -> range.from() <= added.from() && added.to() <= range.to())
                .findFirst()
                .orElseThrow();
        Sql.update(
                connection,
                "DELETE FROM stored WHERE source = ? AND start BETWEEN ? AND ?",
                source.id,
                merged.from(),
                merged.to());
        Sql.update(connection, "INSERT INTO stored VALUES (?, ?, ?)", source.id, merged.from(), merged.to());
    }

    private static ByteBuffer slice(LogBatch batch, ByteRange part) {
        return batch.body().slice(batch.body().position() + (int) (part.from() - batch.from()), (int) part.length());
    }

    /** Every line of {@code bytes} without its line feed; the last one may have none. */
    private static long addLines(
            PreparedStatement insert, long source, ByteRange part, ByteBuffer bytes, Instant received)
            throws SQLException {
        long lines = 0;
        int start = 0;
        while (start < bytes.limit()) {
            int end = start;
            while (end < bytes.limit() && bytes.get(end) != '\n') {
                end++;
            }
            byte[] raw = new byte[end - start];
            bytes.get(start, raw);
            insert.setLong(1, source);
            insert.setLong(2, part.from() + start);
            insert.setLong(3, received.toEpochMilli());
            insert.setBytes(4, raw);
            insert.addBatch();
            lines++;
            start = end + 1;
        }
        return lines;
    }

    private static Optional<Long> sourceId(Connection connection, NodeName node, SourceId source) throws SQLException {
        return Sql.number(
                connection, "SELECT id FROM source WHERE node = ? AND source = ?", node.value(), source.value());
    }

    private static ByteRanges storedRanges(Connection connection, long source) throws SQLException {
        ByteRanges ranges = new ByteRanges();
        try (PreparedStatement select =
                        Sql.prepare(connection, "SELECT start, stop FROM stored WHERE source = ?", source);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                ranges.add(new ByteRange(row.getLong(1), row.getLong(2)));
            }
        }
        return ranges;
    }

    private <T> T read(Readers.Read<T> read) throws IOException {
        return readers.read(System.nanoTime() + SEARCH_DEADLINE.toNanos(), read);
    }

    private static String json(Map<String, String> labels) {
        try {
            return JSON.writeValueAsString(labels);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a map of strings is JSON", impossible);
        }
    }

    @SuppressWarnings("NullAway")
    private static Void nothing() {
        return null;
    }
}
