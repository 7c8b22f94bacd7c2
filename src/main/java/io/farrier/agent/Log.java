package io.farrier.agent;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The agent's own journal. What others can cause again and again is said seldom; foreign words are escaped, so that
 * nobody forges a line of it.
 */
final class Log {
    private static final System.Logger LOGGER = System.getLogger("io.farrier.agent");
    private static final long SELDOM = Duration.ofMinutes(1).toNanos();

    /** More kinds of trouble than there are sentences in this room. */
    private static final int MAX_KINDS = 64;

    private static final int KIND_CHARS = 40;
    private static final int MAX_CHARS = 500;

    private final LongSupplier nanos;
    private final Map<String, Long> saidAt = new HashMap<>();

    Log(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void info(String sentence) {
        LOGGER.log(System.Logger.Level.INFO, escaped(sentence));
    }

    void warn(String sentence) {
        LOGGER.log(System.Logger.Level.WARNING, escaped(sentence));
    }

    /** At most once a minute for sentences that begin alike. */
    boolean seldom(String sentence) {
        String kind = sentence.substring(0, Math.min(KIND_CHARS, sentence.length()));
        return seldom(System.Logger.Level.WARNING, kind, sentence);
    }

    /** Good news, at most once a minute of a kind. */
    boolean infoSeldom(String kind, String sentence) {
        return seldom(System.Logger.Level.INFO, kind, sentence);
    }

    private synchronized boolean seldom(System.Logger.Level level, String kind, String sentence) {
        Long before = saidAt.get(kind);
        long now = nanos.getAsLong();
        if (before != null && now - before < SELDOM) {
            return false;
        }
        if (saidAt.size() >= MAX_KINDS) {
            saidAt.clear();
        }
        saidAt.put(kind, now);
        LOGGER.log(level, escaped(sentence));
        return true;
    }

    static String escaped(String foreign) {
        StringBuilder safe = new StringBuilder();
        foreign.codePoints().limit(MAX_CHARS).forEach(c -> {
            boolean isControl = Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
            boolean isSeparator = Character.getType(c) == Character.LINE_SEPARATOR
                    || Character.getType(c) == Character.PARAGRAPH_SEPARATOR;
            if (isControl || isSeparator) {
                safe.append(String.format("\\u%04x", c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }
}
