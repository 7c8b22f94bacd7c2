package io.farrier.cli;

import java.io.PrintStream;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/**
 * The daemons' own log: one escaped line an event on stderr, with the journal's priority in front where a journal
 * listens (systemd sets {@code JOURNAL_STREAM}; see sd-daemon(3)).
 */
final class Journal {
    /** Kept, because the JDK forgets the level of a logger that nobody holds. */
    private static final Logger NETTY = Logger.getLogger("io.netty");

    private static final Logger VERTX = Logger.getLogger("io.vertx");

    private Journal() {}

    /** They tell about every lost connection, and of each library that they can do without; farrier says it in its words. */
    static void hushLibraries() {
        NETTY.setLevel(Level.WARNING);
        VERTX.setLevel(Level.SEVERE);
    }

    static void open(PrintStream err, boolean withPriorities) {
        LogManager.getLogManager().reset();
        Handler handler = new StreamHandler(err, new Line(withPriorities)) {
            @Override
            public synchronized void publish(LogRecord entry) {
                super.publish(entry);
                flush();
            }
        };
        handler.setLevel(Level.INFO);
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        root.setLevel(Level.INFO);
        hushLibraries();
    }

    static final class Line extends Formatter {
        private static final int MAX_LINE = 2_000;

        private final boolean withPriorities;

        Line(boolean withPriorities) {
            this.withPriorities = withPriorities;
        }

        @Override
        public String format(LogRecord entry) {
            String text = Printable.line(formatMessage(entry) + cause(entry.getThrown()));
            if (text.length() > MAX_LINE) {
                text = text.substring(0, MAX_LINE) + "...";
            }
            return (withPriorities ? "<" + priority(entry.getLevel()) + ">" : entry.getInstant() + " ") + text + "\n";
        }

        private static String cause(@org.jspecify.annotations.Nullable Throwable thrown) {
            return thrown == null ? "" : " (" + thrown + ")";
        }

        private static int priority(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) {
                return 3;
            }
            if (level.intValue() >= Level.WARNING.intValue()) {
                return 4;
            }
            return level.intValue() >= Level.INFO.intValue() ? 6 : 7;
        }
    }
}
