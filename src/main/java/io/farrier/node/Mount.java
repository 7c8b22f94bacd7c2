package io.farrier.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * proc(5): {@code 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue}. One file system can be
 * writable here and read-only there.
 *
 * @param point where it is mounted
 * @param options of the mount
 * @param type of the file system
 * @param typesOptions of the file system
 */
public record Mount(Path point, Set<String> options, String type, Set<String> typesOptions) {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int POINT = 4;
    private static final int OPTIONS = 5;
    private static final String UPPER = "upperdir=";

    public Mount {
        options = Set.copyOf(options);
        typesOptions = Set.copyOf(typesOptions);
    }

    /** All of this process's, as the kernel writes them: to look at for several paths. */
    public static List<String> all() throws IOException {
        return Files.readAllLines(MOUNTS, StandardCharsets.UTF_8);
    }

    /**
     * @param path absolute and without links
     * @throws IOException when no mount holds it
     */
    public static Mount of(Path path) throws IOException {
        return of(path, all())
                .orElseThrow(() -> new IOException("Tried to find the mount of " + path + " in " + MOUNTS + "."));
    }

    /**
     * The innermost that holds the path; of several at one point the last. A node has hundreds, for its containers.
     *
     * @param path absolute and without links
     * @param mounts as {@link #all} reads them
     */
    public static Optional<Mount> of(Path path, List<String> mounts) {
        String innermost = "";
        int length = 0;
        for (String line : mounts) {
            String point = pointOf(line);
            // Letters first: to make a path of each costs more than all the rest.
            if (point.length() >= length && path.toString().startsWith(point) && path.startsWith(point)) {
                innermost = line;
                length = point.length();
            }
        }
        return length == 0 ? Optional.empty() : Optional.of(parse(innermost));
    }

    private static String pointOf(String line) {
        return line.split(" ", POINT + 2)[POINT].replace("\\040", " ");
    }

    private static Mount parse(String line) {
        String[] here = line.split(" ");
        String[] type = line.substring(line.indexOf(" - ") + 3).split(" ");
        return new Mount(
                Path.of(pointOf(line)),
                new HashSet<>(List.of(here[OPTIONS].split(","))),
                type[0],
                new HashSet<>(List.of(type[type.length - 1].split(","))));
    }

    boolean isReadOnly() {
        return options.contains("ro");
    }

    boolean isNoexec() {
        return options.contains("noexec");
    }

    boolean isInMemory() {
        return type.equals("tmpfs") || type.equals("ramfs");
    }

    /** Of an overlay: where what is written goes to. */
    Optional<Path> upperLayer() {
        return typesOptions.stream()
                .filter(option -> type.equals("overlay") && option.startsWith(UPPER))
                .map(option -> Path.of(option.substring(UPPER.length())))
                .findFirst();
    }
}
