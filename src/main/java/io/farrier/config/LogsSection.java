package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.withDefault;

import io.farrier.rules.Redactor;
import java.util.List;
import java.util.Optional;

/** {@code logs}. */
final class LogsSection {
    private static final ScalarType<String> PATTERN = ScalarType.text(
            "a container's name, namespace/pod/container, image:REFERENCE or label:KEY=VALUE, with '*' for any part");

    static final Property<List<String>> INCLUDE = optional(
            "include", ListType.of(PATTERN), "Containers whose logs are shipped, beside the components of Kubernetes.");
    static final Property<List<String>> EXCLUDE =
            optional("exclude", ListType.of(PATTERN), "Containers whose logs are never shipped.");
    private static final String REDACTION =
            "a regular expression that finds something, without look-around, back references and \\b";

    static final Property<List<String>> REDACT = optional(
            "redact",
            ListType.inOrder(ScalarType.text(REDACTION, LogsSection::isRedaction)),
            "What must not leave this node in a log line, beside what looks like a password, a token or a key.");
    static final Property<Long> HOLD_BYTES = withDefault(
            "hold_bytes", ScalarType.size(), "1GiB", "How much of deleted log files is held until it was shipped.");

    static final Property<List<String>> FILES = optional(
            "files",
            ListType.of(ScalarType.text("an absolute path, with '*' for any part", LogsSection::isPlainPath)),
            "Log files beside those of containers, such as /var/log/rke2/*.log; without this none.");
    static final Property<Long> HISTORY_BYTES = withDefault(
            "history_bytes",
            ScalarType.size(),
            "256MiB",
            "How much of each log is shipped that was rotated before it was first seen.");
    static final Property<Optional<Long>> NODE_RATE = withDefault(
            "node_rate",
            ScalarType.orWord("none", ScalarType.size()),
            "none",
            "Bytes a second that all logs of this node send; what is more waits in its file.");
    static final Property<Optional<Long>> LOG_RATE = withDefault(
            "log_rate", ScalarType.orWord("none", ScalarType.size()), "none", "Bytes a second that each log sends.");
    static final Property<List<String>> UNITS = optional(
            "units",
            ListType.of(ScalarType.text("a unit's name, such as ssh.service", LogsSection::isUnit)),
            "Units whose lines in systemd's journal are shipped, beside those of Kubernetes and its runtimes.");

    static final Section<FarrierConfig.Logs> TYPE = Section.of(
            values -> new FarrierConfig.Logs(
                    values.list(INCLUDE),
                    values.list(EXCLUDE),
                    values.list(REDACT),
                    values.list(FILES),
                    values.list(UNITS),
                    new FarrierConfig.LogBounds(
                            values.get(HOLD_BYTES),
                            values.get(HISTORY_BYTES),
                            values.get(NODE_RATE),
                            values.get(LOG_RATE))),
            INCLUDE,
            EXCLUDE,
            REDACT,
            FILES,
            UNITS,
            HOLD_BYTES,
            HISTORY_BYTES,
            NODE_RATE,
            LOG_RATE);

    private LogsSection() {}

    /** Folders that are reached upwards are reached by another name, which is the one to write. */
    private static boolean isPlainPath(String path) {
        return path.startsWith("/") && !path.contains("/../") && !path.endsWith("/") && !path.contains("**");
    }

    /** As systemd.unit(5) has it, so that none is a pattern to journalctl or a path. */
    private static boolean isUnit(String name) {
        return name.matches("[A-Za-z0-9:_.@\\\\-]{1,240}\\.(service|socket|mount|timer|path|target|scope)");
    }

    private static boolean isRedaction(String pattern) {
        try {
            Redactor.check(pattern);
            return true;
        } catch (IllegalArgumentException notRegular) {
            return false;
        }
    }
}
