package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.SourceId;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/** One search: the newest lines that fit, until the deadline. */
final class LineSearch {
    /** Files looked at for one node or container, those that were written last: a rotated file is one of its own. */
    private static final int MAX_SOURCES = 2_000;

    /** What an answer may hold in memory; lines are shown cut, but read whole. */
    private static final long MAX_BYTES = 32L << 20;

    /** Characters that stand for themselves in every form; Docker's JSON escapes the others. */
    private static final String NEVER_ESCAPED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$%'()*+,-.:;=?@[]^_`{|}~";

    private final Connection connection;
    private final LineQuery query;
    private final long deadline;
    private final byte[] literal;
    private final Map<Long, Source> sources = new HashMap<>();
    private final PriorityQueue<StoredLine> newest = new PriorityQueue<>(Comparator.comparingLong(StoredLine::id));
    private long bytes;

    private record Source(long id, NodeName node, SourceId source, Form form, String container) {}

    LineSearch(Connection connection, LineQuery query, long deadline) {
        this.connection = connection;
        this.query = query;
        this.deadline = deadline;
        this.literal = longestLiteral(query.text()).getBytes(StandardCharsets.UTF_8);
    }

    FoundLines find() throws SQLException {
        boolean complete = true;
        try {
            if (query.node().isEmpty() && query.container().isEmpty()) {
                complete = collect(Optional.empty());
            } else {
                for (Source source : sourcesAskedFor()) {
                    complete &= collect(Optional.of(source.id));
                }
            }
        } catch (SQLException e) {
            if (System.nanoTime() < deadline) {
                throw e;
            }
            complete = false;
        }
        List<StoredLine> oldestFirst = new ArrayList<>(newest);
        oldestFirst.sort(Comparator.comparingLong(StoredLine::id));
        return new FoundLines(oldestFirst, complete);
    }

    /** Adds what fits of one source, or of all, newest first, until nothing newer than what we have can come. */
    private boolean collect(Optional<Long> source) throws SQLException {
        String sql = "SELECT id, source, start, received, raw FROM line WHERE id > ? AND id < ? AND received >= ?"
                + " AND received < ?"
                + (source.isPresent() ? " AND source = ?" : "")
                + (literal.length > 0 ? " AND instr(raw, ?) > 0" : "")
                + " ORDER BY id DESC";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            int at = 1;
            select.setLong(at++, floor());
            select.setLong(at++, query.before().orElse(Long.MAX_VALUE));
            select.setLong(at++, query.since().map(Instant::toEpochMilli).orElse(Long.MIN_VALUE));
            select.setLong(at++, query.until().map(Instant::toEpochMilli).orElse(Long.MAX_VALUE));
            if (source.isPresent()) {
                select.setLong(at++, source.get());
            }
            if (literal.length > 0) {
                select.setBytes(at, literal);
            }
            try (ResultSet row = select.executeQuery()) {
                return take(row);
            }
        }
    }

    private boolean take(ResultSet row) throws SQLException {
        while (row.next()) {
            long id = row.getLong("id");
            if (id <= floor()) {
                return true;
            }
            if (System.nanoTime() >= deadline || bytes > MAX_BYTES) {
                return false;
            }
            byte[] raw = row.getBytes("raw");
            Source source = source(row.getLong("source"));
            LineText line = LineText.of(source.form, raw);
            if (line.text().contains(query.text())) {
                bytes += raw.length;
                add(new StoredLine(
                        id,
                        source.node,
                        source.container,
                        source.source,
                        row.getLong("start"),
                        Instant.ofEpochMilli(row.getLong("received")),
                        line));
            }
        }
        return true;
    }

    private void add(StoredLine line) {
        newest.add(line);
        if (newest.size() > query.limit()) {
            newest.remove();
        }
    }

    /** No line with this id or a smaller one can be among the newest any more. */
    private long floor() {
        StoredLine oldest = newest.peek();
        return newest.size() < query.limit() || oldest == null ? Long.MIN_VALUE : oldest.id();
    }

    private List<Source> sourcesAskedFor() throws SQLException {
        List<Source> found = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        StringBuilder sql = new StringBuilder("SELECT * FROM source WHERE 1");
        query.node().ifPresent(node -> {
            sql.append(" AND node = ?");
            values.add(node.value());
        });
        query.container().ifPresent(container -> {
            sql.append(" AND container = ?");
            values.add(container);
        });
        sql.append(" ORDER BY last DESC LIMIT ").append(MAX_SOURCES);
        try (PreparedStatement select = Sql.prepare(connection, sql.toString(), values.toArray());
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(source(row));
            }
        }
        found.forEach(source -> sources.put(source.id, source));
        return found;
    }

    private Source source(long id) throws SQLException {
        Source cached = sources.get(id);
        if (cached != null) {
            return cached;
        }
        try (PreparedStatement select = Sql.prepare(connection, "SELECT * FROM source WHERE id = ?", id);
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("line of a source that is not there: " + id);
            }
            Source read = source(row);
            sources.put(id, read);
            return read;
        }
    }

    private static Source source(ResultSet row) throws SQLException {
        return new Source(
                row.getLong("id"),
                new NodeName(row.getString("node")),
                new SourceId(row.getString("source")),
                Form.valueOf(row.getString("form")),
                row.getString("container"));
    }

    /** The longest part of {@code text} that is in the raw line as it is in the shown one: SQLite looks for that first. */
    static String longestLiteral(String text) {
        String longest = "";
        int start = 0;
        for (int at = 0; at <= text.length(); at++) {
            if (at == text.length() || NEVER_ESCAPED.indexOf(text.charAt(at)) < 0) {
                if (at - start > longest.length()) {
                    longest = text.substring(start, at);
                }
                start = at + 1;
            }
        }
        return longest;
    }
}
