package io.farrier.collector.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.sqlite.SQLiteConfig;

/**
 * One SQLite file. WAL lets readers go on while the one writer writes; {@code synchronous=FULL} makes each commit wait
 * for the disk, because an ack follows it.
 */
final class Database {
    /** Only our own readers can be in the way, and only while a WAL is folded back. */
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    /** Pages of 4 KiB that may stay in memory per connection: 16 MiB. */
    private static final int CACHE_PAGES = 4_096;

    private static final String NATIVE_FOLDER = "org.sqlite.tmpdir";

    private final Path file;

    private Database(Path file) {
        this.file = file;
    }

    /**
     * @param schema statements that are harmless when everything is there already
     * @throws IOException when the file cannot be opened or is damaged
     */
    static Database open(Path file, List<String> schema) throws IOException {
        prepareNativeLibrary(file.toAbsolutePath().resolveSibling("native"));
        createOwnerOnly(file);
        Database database = new Database(file);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : schema) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IOException(
                    "Tried to open the store " + file + " but SQLite says: " + e.getMessage()
                            + ". Look at the disk; if the file is damaged, move it away and a new one is made.",
                    e);
        }
        return database;
    }

    Connection connect() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setCacheSize(CACHE_PAGES);
        return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
    }

    Connection connectForReading() throws SQLException {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = ON");
        }
        return connection;
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /**
     * The driver unpacks its native library when it is first used: not below /tmp, which may be mounted noexec, and
     * without leaving one behind for each time the process was killed.
     */
    private static synchronized void prepareNativeLibrary(Path folder) throws IOException {
        if (System.getProperty(NATIVE_FOLDER) != null) {
            return;
        }
        Files.createDirectories(folder);
        try (Stream<Path> leftOver = Files.list(folder)) {
            for (Path file : leftOver.toList()) {
                Files.delete(file);
            }
        }
        System.setProperty(NATIVE_FOLDER, folder.toString());
    }

    private static void createOwnerOnly(Path file) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException there) {
            // The journal files inherit its mode.
        }
    }
}
