package io.farrier.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who is behind a process, for the auditor: the login that the kernel remembers through su and sudo ({@code loginuid},
 * see pam_loginuid(8)), else whom sudo names, else the user it runs as.
 */
public final class Login {
    /** {@code (uid_t) -1}: nobody logged in, as for a service. */
    private static final String UNSET = "4294967295";

    private final Path proc;
    private final Path passwd;

    Login(Path proc, Path passwd) {
        this.proc = proc;
        this.passwd = passwd;
    }

    public static Login ofThisNode() {
        return new Login(Path.of("/proc"), Path.of("/etc/passwd"));
    }

    public String ofThisProcess() {
        return of("self");
    }

    /** @param pid of a process that still runs; {@code unknown} when it does not */
    public String of(long pid) {
        return of(Long.toString(pid));
    }

    private String of(String pid) {
        Path process = proc.resolve(pid);
        return text(process.resolve("loginuid"))
                .filter(uid -> uid.matches("[0-9]+") && !uid.equals(UNSET))
                .map(this::named)
                .or(() -> sudoUser(process))
                .or(() -> user(process))
                .orElse("unknown");
    }

    private static Optional<String> sudoUser(Path process) {
        return text(process.resolve("environ"))
                .flatMap(all -> Arrays.stream(all.split("\0"))
                        .filter(variable -> variable.startsWith("SUDO_USER="))
                        .map(variable -> variable.substring("SUDO_USER=".length()))
                        .findFirst());
    }

    private Optional<String> user(Path process) {
        return text(process.resolve("status"))
                .flatMap(status -> status.lines()
                        .filter(line -> line.startsWith("Uid:"))
                        .map(line -> line.split("\\s+"))
                        .filter(words -> words.length > 1)
                        .map(words -> named(words[1]))
                        .findFirst());
    }

    /** {@code alice}, or {@code uid 1000} for a user of a directory service. */
    private String named(String uid) {
        try (Stream<String> lines = Files.lines(passwd, StandardCharsets.UTF_8)) {
            return lines.map(line -> line.split(":"))
                    .filter(parts -> parts.length > 2 && parts[2].equals(uid))
                    .map(parts -> parts[0])
                    .findFirst()
                    .orElse("uid " + uid);
        } catch (IOException | java.io.UncheckedIOException unreadable) {
            return "uid " + uid;
        }
    }

    private static Optional<String> text(Path file) {
        try {
            return Optional.of(
                    Files.readString(file, StandardCharsets.ISO_8859_1).strip());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
