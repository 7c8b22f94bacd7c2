package io.farrier.node;

import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code state_dir/starts}: whether the agent's last life ended as told, and when the lives before it did not: one time a
 * line, and {@code running} while one goes on. Only the agent that owns the node's control socket writes it.
 */
public final class Starts {
    /** A killed or crashed agent is started anew by systemd after 5 s: three of these are no accident. */
    static final int MAX_ABNORMAL_EXITS = 3;

    static final Duration WINDOW = Duration.ofMinutes(10);

    private static final String RUNNING = "running";
    private static final int MAX_BYTES = 64 * 1024;
    private static final int FILE_MODE = 0600;

    private final NodeFiles files;
    private final Path path;
    private final Clock clock;

    public Starts(NodeFiles files, Path stateDir, Clock clock) {
        this.files = files;
        this.path = stateDir.resolve("starts");
        this.clock = clock;
    }

    /**
     * A life begins.
     *
     * @return why it should only watch, when the lives before it ended too badly too often; those are not counted again
     */
    public Optional<String> begin() throws IOException {
        List<Instant> exits = abnormalExits();
        boolean isTooMany = exits.size() >= MAX_ABNORMAL_EXITS;
        write(isTooMany ? List.of() : exits, true);
        return isTooMany
                ? Optional.of("it ended " + exits.size() + " times within " + WINDOW.toMinutes()
                        + " minutes without being told to, at last before " + exits.get(exits.size() - 1))
                : Optional.empty();
    }

    /** It ends as told. */
    public void end() throws IOException {
        write(recent(lines()), false);
    }

    private List<Instant> abnormalExits() throws IOException {
        List<String> lines = lines();
        List<Instant> exits = recent(lines);
        if (lines.contains(RUNNING)) {
            exits.add(clock.instant());
        }
        return exits;
    }

    /** A time that lies ahead, because the clock was set, counts. */
    private List<Instant> recent(List<String> lines) {
        Instant begin = clock.instant().minus(WINDOW);
        List<Instant> exits = new ArrayList<>();
        for (String line : lines) {
            instant(line).filter(exit -> exit.isAfter(begin)).ifPresent(exits::add);
        }
        return exits;
    }

    private static Optional<Instant> instant(String line) {
        try {
            return Optional.of(Instant.parse(line));
        } catch (DateTimeParseException another) {
            return Optional.empty();
        }
    }

    private List<String> lines() throws IOException {
        return new String(files.read(path, MAX_BYTES).content(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private void write(List<Instant> exits, boolean isRunning) throws IOException {
        StringBuilder text = new StringBuilder();
        exits.forEach(exit -> text.append(exit).append('\n'));
        text.append(isRunning ? RUNNING + "\n" : "");
        files.replace(path, FileState.of(text.toString().getBytes(StandardCharsets.UTF_8), FILE_MODE));
    }
}
