package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.SourceId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rows of declared losses. An agent declares a loss until it hears that it was taken, so a loss is known by its place: each
 * byte of a source is lost once, however its loss is cut, and what is of unknown size once for each beginning.
 */
final class DeclaredLosses {
    static final List<String> SCHEMA = List.of("""
            CREATE TABLE IF NOT EXISTS lost (
              id INTEGER PRIMARY KEY, node TEXT NOT NULL, source TEXT NOT NULL, container TEXT NOT NULL,
              start INTEGER NOT NULL, stop INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
              received INTEGER NOT NULL, UNIQUE (node, source, start, stop))""", "CREATE INDEX IF NOT EXISTS lost_of_node ON lost (node, id)");

    private DeclaredLosses() {}

    static void add(Connection connection, NodeName node, String container, Lost lost, Instant received)
            throws SQLException {
        if (lost.to() == Lost.UNKNOWN) {
            insert(connection, node, container, lost, received);
        } else {
            ByteRanges known = ranges(connection, node, lost.source());
            for (ByteRange fresh : known.missingFrom(new ByteRange(lost.from(), lost.to()))) {
                Lost part = new Lost(lost.source(), fresh.from(), fresh.to(), lost.reason(), lost.at());
                insert(connection, node, container, part, received);
            }
        }
        Sql.update(connection, """
                DELETE FROM lost WHERE node = ? AND id <=
                  (SELECT id FROM lost WHERE node = ? ORDER BY id DESC LIMIT 1 OFFSET ?)""", node.value(), node.value(), LineStore.MAX_LOSSES);
    }

    static void forget(Connection connection, NodeName node, SourceId source) throws SQLException {
        Sql.update(connection, "DELETE FROM lost WHERE node = ? AND source = ?", node.value(), source.value());
    }

    static FoundLosses find(Connection connection, NodeName node, Optional<Long> before, int limit)
            throws SQLException {
        List<StoredLoss> losses = new ArrayList<>();
        try (PreparedStatement select = Sql.prepare(
                        connection,
                        "SELECT * FROM lost WHERE node = ? AND id < ? ORDER BY id DESC LIMIT ?",
                        node.value(),
                        before.orElse(Long.MAX_VALUE),
                        limit);
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                losses.add(loss(row));
            }
        }
        long total = Sql.number(connection, "SELECT count(*) FROM lost WHERE node = ?", node.value())
                .orElse(0L);
        return new FoundLosses(losses, total);
    }

    private static void insert(Connection connection, NodeName node, String container, Lost lost, Instant received)
            throws SQLException {
        Sql.update(
                connection,
                """
                INSERT OR IGNORE INTO lost (node, source, container, start, stop, reason, at, received)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                node.value(),
                lost.source().value(),
                container,
                lost.from(),
                lost.to(),
                lost.reason(),
                lost.at().toString(),
                received.toEpochMilli());
    }

    private static ByteRanges ranges(Connection connection, NodeName node, SourceId source) throws SQLException {
        ByteRanges ranges = new ByteRanges();
        try (PreparedStatement select = Sql.prepare(
                        connection,
                        "SELECT start, stop FROM lost WHERE node = ? AND source = ? AND 0 <= start AND start < stop",
                        node.value(),
                        source.value());
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                ranges.add(new ByteRange(row.getLong(1), row.getLong(2)));
            }
        }
        return ranges;
    }

    private static StoredLoss loss(ResultSet row) throws SQLException {
        return new StoredLoss(
                row.getLong("id"),
                row.getString("container"),
                new Lost(
                        new SourceId(row.getString("source")),
                        row.getLong("start"),
                        row.getLong("stop"),
                        row.getString("reason"),
                        Instant.parse(row.getString("at"))),
                Instant.ofEpochMilli(row.getLong("received")));
    }
}
