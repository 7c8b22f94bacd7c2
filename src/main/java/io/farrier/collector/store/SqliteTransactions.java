package io.farrier.collector.store;

import java.sql.Connection;
import java.sql.SQLException;

/** Writes to one SQLite file. */
final class SqliteTransactions implements GroupWriter.Transactions<Connection> {
    private final Connection connection;

    SqliteTransactions(Connection connection) throws SQLException {
        this.connection = connection;
        connection.setAutoCommit(false);
    }

    @Override
    public Connection store() {
        return connection;
    }

    @Override
    public void commit() throws SQLException {
        connection.commit();
    }

    @Override
    public void rollback() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
