package io.farrier.node;

import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code /etc/farrier/paused}: while it is there, farrier changes nothing on the node (SAFETY 2). A bare file is enough, so
 * that Ansible, or a shell where the JVM is broken, can make it. What farrier writes is lines of {@code key: value}; any
 * other line is a reason. What cannot be read as an end is none.
 */
public final class PauseFile {
    private static final Path FOLDER = Path.of("/etc/farrier");
    public static final Path PATH = FOLDER.resolve("paused");

    private static final String UNTIL = "until:";
    private static final String WHO = "who:";
    private static final String REASON = "reason:";
    private static final int MAX_BYTES = 64 * 1024;
    /** As much as is worth showing in one line. */
    private static final int MAX_SHOWN = 200;

    private static final int FOLDER_MODE = 0755;
    private static final int FILE_MODE = 0644;

    private final NodeFiles files;
    private final Clock clock;

    public PauseFile(NodeFiles files, Clock clock) {
        this.files = files;
        this.clock = clock;
    }

    /** The pause that is on now; empty also when it has ended. What is there and cannot be read pauses all the same. */
    public Optional<Pause> current() throws IOException {
        return read().filter(this::isOn);
    }

    /** @throws PausedException while the node is paused, saying that {@code tried} was not done */
    public void check(String tried) throws IOException {
        Optional<Pause> pause = current();
        if (pause.isPresent()) {
            throw new PausedException(tried, pause.get());
        }
    }

    /** Replaces a pause that is on. */
    public void write(Pause pause) throws IOException {
        StringBuilder text = new StringBuilder("# While this file is here, farrier changes nothing on this node.\n");
        pause.until()
                .ifPresent(until -> text.append(UNTIL).append(' ').append(until).append('\n'));
        text.append(WHO).append(' ').append(line(pause.who())).append('\n');
        text.append(REASON).append(' ').append(line(pause.reason())).append('\n');
        files.makeFolders(FOLDER, FOLDER_MODE);
        files.replace(PATH, FileState.of(text.toString().getBytes(StandardCharsets.UTF_8), FILE_MODE));
    }

    /** Ends the pause; empty when there was none. */
    public Optional<Pause> remove() throws IOException {
        Optional<Pause> pause = read();
        files.delete(PATH);
        return pause;
    }

    private Optional<Pause> read() throws IOException {
        if (!files.exists(PATH)) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(new String(files.read(PATH, MAX_BYTES).content(), StandardCharsets.UTF_8)));
        } catch (IOException unreadable) {
            return Optional.of(new Pause("", "", Optional.empty()));
        }
    }

    private static Pause parse(String text) {
        String reason = text.lines()
                .filter(line -> !line.startsWith("#") && !line.startsWith(UNTIL) && !line.startsWith(WHO))
                .map(line -> line.startsWith(REASON) ? line.substring(REASON.length()) : line)
                .collect(Collectors.joining(" "));
        return new Pause(
                line(reason), value(text, WHO).orElse(""), value(text, UNTIL).flatMap(PauseFile::instant));
    }

    private static Optional<String> value(String text, String key) {
        return text.lines()
                .filter(line -> line.startsWith(key))
                .map(line -> line(line.substring(key.length())))
                .findFirst();
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException noEnd) {
            return Optional.empty();
        }
    }

    private static String line(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.substring(0, Math.min(line.length(), MAX_SHOWN));
    }

    private boolean isOn(Pause pause) {
        return pause.until().map(until -> clock.instant().isBefore(until)).orElse(true);
    }
}
