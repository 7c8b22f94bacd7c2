package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SalvageTest {
    private static final List<String> SCHEMA = List.of(
            "CREATE TABLE IF NOT EXISTS node (name TEXT PRIMARY KEY, node_key TEXT NOT NULL UNIQUE) WITHOUT ROWID");
    private static final int ROWS = 5000;
    private static final int PAGE_BYTES = 4096;

    @TempDir
    Path folder;

    @Test
    void aDamagedPageCostsItsOwnRows() throws Exception {
        Path file = folder.resolve("facts.db");
        fill(file);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() / PAGE_BYTES / 2 * PAGE_BYTES);
            bytes.write(new byte[PAGE_BYTES]);
        }

        Database database = Database.openOrReplace(file, SCHEMA);

        try (Connection connection = database.connect()) {
            assertThat(Sql.number(connection, "SELECT count(*) FROM node").orElse(0L))
                    .isBetween(ROWS - 300L, (long) ROWS);
            assertThat(Sql.text(connection, "SELECT node_key FROM node WHERE name = 'node-4999'"))
                    .contains("key-4999");
        }
        assertThat(folder.resolve("facts.db.damaged")).exists();
    }

    @Test
    void startsAnewWhereNothingIsLeft() throws Exception {
        Path file = Files.write(folder.resolve("facts.db"), new byte[8 * PAGE_BYTES]);

        try (Connection connection = Database.openOrReplace(file, SCHEMA).connect()) {
            assertThat(Sql.number(connection, "SELECT count(*) FROM node")).contains(0L);
        }
    }

    private static void fill(Path file) throws Exception {
        try (Connection connection = Database.open(file, SCHEMA).connect()) {
            connection.setAutoCommit(false);
            for (int row = 0; row < ROWS; row++) {
                Sql.update(connection, "INSERT INTO node VALUES (?, ?)", "node-" + row, "key-" + row);
            }
            connection.commit();
        }
    }
}
