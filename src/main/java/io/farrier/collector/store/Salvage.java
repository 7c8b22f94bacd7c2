package io.farrier.collector.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of a damaged SQLite file that can still be read: from the first one on to the damage, and from the last one back
 * to it. A damaged page costs its own rows.
 */
final class Salvage {
    private static final Logger LOG = LoggerFactory.getLogger(Salvage.class);

    private final Connection damaged;
    private final Connection fresh;

    private Salvage(Connection damaged, Connection fresh) {
        this.damaged = damaged;
        this.fresh = fresh;
    }

    /** Copies what it can, and never fails: a file of which nothing is left is a first start. */
    static void rows(Path damagedFile, Database into) {
        try (Connection fresh = into.connect();
                Connection damaged = Database.at(damagedFile).connectForReading()) {
            Salvage salvage = new Salvage(damaged, fresh);
            for (String table : tables(fresh)) {
                LOG.warn("{} row(s) of {} in {} could still be read", salvage.copy(table), table, damagedFile);
            }
        } catch (SQLException nothingLeft) {
            LOG.warn("Nothing of {} can be read any more: {}", damagedFile, nothingLeft.getMessage());
        }
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT name FROM sqlite_master WHERE type = 'table'")) {
            while (found.next()) {
                tables.add(found.getString(1));
            }
        }
        return tables;
    }

    private int copy(String table) throws SQLException {
        List<String> key = key(table);
        int copied = 0;
        fresh.setAutoCommit(false);
        for (String direction : List.of("", " DESC")) {
            copied += copy(
                    table, "SELECT * FROM " + table + " ORDER BY " + String.join(direction + ", ", key) + direction);
        }
        fresh.commit();
        fresh.setAutoCommit(true);
        return copied;
    }

    private int copy(String table, String select) {
        int copied = 0;
        try (Statement statement = damaged.createStatement();
                ResultSet rows = statement.executeQuery(select)) {
            int columns = rows.getMetaData().getColumnCount();
            try (PreparedStatement insert = fresh.prepareStatement(
                    "INSERT OR IGNORE INTO " + table + " VALUES (?" + ", ?".repeat(columns - 1) + ")")) {
                while (rows.next()) {
                    for (int i = 1; i <= columns; i++) {
                        insert.setObject(i, rows.getObject(i));
                    }
                    copied += insert.executeUpdate();
                }
            }
        } catch (SQLException damage) {
            // As far as it went.
        }
        return copied;
    }

    /** In its order the rows are stored: no other page than the table's own is read. */
    private List<String> key(String table) throws SQLException {
        List<String> key = new ArrayList<>();
        try (Statement statement = fresh.createStatement();
                ResultSet columns = statement.executeQuery(
                        "SELECT name FROM pragma_table_info('" + table + "') WHERE pk > 0 ORDER BY pk")) {
            while (columns.next()) {
                key.add(columns.getString(1));
            }
        }
        return key.isEmpty() ? List.of("rowid") : key;
    }
}
