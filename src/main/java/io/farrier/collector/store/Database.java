package io.farrier.collector.store;

import io.farrier.node.NativeCode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * One SQLite file. WAL lets readers go on while the one writer writes; {@code synchronous=FULL} makes each commit wait
 * for the disk, because an ack follows it.
 */
final class Database {
    /** Only our own readers can be in the way, and only while a WAL is folded back. */
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    /** Pages of 4 KiB that may stay in memory per connection: 16 MiB. */
    private static final int CACHE_PAGES = 4_096;

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

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
            String todo = NativeCode.refusal(Path.of(System.getProperty(NATIVE_FOLDER, ".")), "-D" + NATIVE_FOLDER)
                    .orElse("Look at the disk; if the file is damaged, move it away and a new one is made.");
            throw new IOException(
                    "Tried to open the store " + file + " but SQLite says: " + e.getMessage() + ". " + todo, e);
        }
        return database;
    }

    /**
     * As {@link #open}; a damaged file is moved aside for a new one, which is given the rows that can still be read: nobody
     * shall have to delete a file by hand.
     */
    static Database openOrReplace(Path file, List<String> schema) throws IOException {
        try {
            Database database = open(file, schema);
            database.check();
            return database;
        } catch (IOException | SQLException damaged) {
            if (!isDamage(damaged)) {
                throw damaged instanceof IOException known ? known : new IOException(damaged.getMessage(), damaged);
            }
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            LOG.warn("{} is damaged ({}); it is now {}, and a new one is made", file, damaged.getMessage(), aside);
            for (String with : List.of("", "-wal", "-shm")) {
                moveIfThere(
                        file.resolveSibling(file.getFileName() + with),
                        aside.resolveSibling(aside.getFileName() + with));
            }
            Database fresh = open(file, schema);
            Salvage.rows(aside, fresh);
            return fresh;
        }
    }

    private static void moveIfThere(Path from, Path to) throws IOException {
        Files.deleteIfExists(to);
        if (Files.exists(from)) {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** One that is there, whatever state it is in. */
    static Database at(Path file) {
        return new Database(file);
    }

    private void check() throws SQLException {
        try (Connection connection = connect()) {
            String found = Sql.text(connection, "PRAGMA quick_check(1)").orElse("nothing");
            if (!found.equals("ok")) {
                throw new SQLException(found, "", SQLiteErrorCode.SQLITE_CORRUPT.code);
            }
        }
    }

    /** Not a full disk, nor a file that may not be read. */
    private static boolean isDamage(Throwable failure) {
        Throwable cause = failure instanceof SQLException ? failure : failure.getCause();
        return cause instanceof SQLException sql
                && (sql.getErrorCode() == SQLiteErrorCode.SQLITE_CORRUPT.code
                        || sql.getErrorCode() == SQLiteErrorCode.SQLITE_NOTADB.code);
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
