package io.farrier.node;

import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Who else writes a file, as far as a node can know: what the file says of itself, who owns it, what runs here. */
public final class OtherWriters {
    /** Programs that write configuration files again and again, by the name of their process (at most 15 bytes of it). */
    private static final Map<String, String> KNOWN = Map.of(
            "puppet", "Puppet",
            "chef-client", "Chef",
            "cinc-client", "Cinc",
            "salt-minion", "Salt",
            "cf-agent", "CFEngine",
            "rudder", "Rudder",
            "ansible-playboo", "Ansible",
            "ansible-pull", "Ansible",
            "rancher-system-", "Rancher's system agent",
            "cloud-init", "cloud-init");

    /** Words by which a provisioner signs the top of a file; further down they may be a quotation. */
    private static final List<String> SIGNATURES =
            List.of("ansible managed", "do not edit", "managed by", "puppet", "chef", "saltstack");

    private static final int HEADER_LINES = 10;
    private static final int MAX_FILE_BYTES = 4 * 1024 * 1024;
    private static final int MAX_SHOWN = 120;

    private final NodeFiles files;
    private final Path proc;

    public OtherWriters(NodeFiles files) {
        this(files, Path.of("/proc"));
    }

    OtherWriters(NodeFiles files, Path proc) {
        this.files = files;
        this.proc = proc;
    }

    /** The line in which {@code file} says who manages it, ready to be shown. */
    public static Optional<String> signature(FileState file) {
        return new String(file.content(), StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .takeWhile(line -> line.isEmpty() || line.startsWith("#") || line.startsWith("\uFEFF#"))
                .limit(HEADER_LINES)
                .filter(line -> SIGNATURES.stream().anyMatch(line.toLowerCase(Locale.ROOT)::contains))
                .map(line -> line.replaceAll("^[\uFEFF#\\s]+", "").replaceAll("\\p{Cntrl}", " "))
                .map(line -> line.substring(0, Math.min(line.length(), MAX_SHOWN)))
                .findFirst();
    }

    /** What is known of who wrote these files last, as clauses; empty when nothing is. */
    public List<String> of(List<Path> paths) {
        List<String> clues = new ArrayList<>();
        for (Path path : paths) {
            try {
                clues.addAll(clues(path));
            } catch (IOException gone) {
                clues.add(path + " is not there");
            }
        }
        runningHere().ifPresent(clues::add);
        return clues;
    }

    private List<String> clues(Path path) throws IOException {
        List<String> clues = new ArrayList<>();
        signature(files.read(path, MAX_FILE_BYTES)).ifPresent(line -> clues.add(path + " says '" + line + "'"));
        PosixFileAttributes attributes =
                Files.readAttributes(files.locate(path), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        clues.add(path + " was written "
                + attributes.lastModifiedTime().toInstant().truncatedTo(ChronoUnit.SECONDS) + " and belongs to "
                + attributes.owner().getName());
        return clues;
    }

    private Optional<String> runningHere() {
        TreeSet<String> running = new TreeSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                name(process).ifPresent(running::add);
            }
        } catch (IOException unreadable) {
            return Optional.empty();
        }
        return running.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", running) + " runs on this node");
    }

    private static Optional<String> name(Path process) {
        try {
            return Optional.ofNullable(
                    KNOWN.get(Files.readString(process.resolve("comm")).strip()));
        } catch (IOException endedMeanwhile) {
            return Optional.empty();
        }
    }
}
