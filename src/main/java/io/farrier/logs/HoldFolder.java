package io.farrier.logs;

import io.farrier.logs.GzipBytes.Inflaters;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder of hard links on the mount of the log files ({@code <data-root>/farrier-held}, {@code
 * /var/log/farrier-held}): {@code link} across two mounts fails with EXDEV, though they be of one file system. A link's
 * name is {@code <container id>-<inode>}; as long as the link is there, the inode is not used again.
 */
final class HoldFolder {
    static final String NAME = "farrier-held";

    private static final Path VAR_LOG = Path.of("/var/log");

    private static final Pattern HOLD = Pattern.compile("([A-Za-z0-9_.]{1,128})-([0-9a-f]{1,16})");
    private static final String NEW = "new-";

    /** A rename may come between a look and the opening; three in a row are something else. */
    private static final int MAX_TRIES = 3;

    private final Path folder;

    private HoldFolder(Path folder) {
        this.folder = folder;
    }

    /** Empty where the layout is not known: such a file is held by its descriptor only. */
    static Optional<HoldFolder> of(Path log) {
        for (Path above = log.getParent(); above != null; above = above.getParent()) {
            Path name = above.getFileName();
            if (name != null
                    && (name.toString().equals("containers") || name.toString().equals("pods"))) {
                return Optional.of(new HoldFolder(above.resolveSibling(NAME)));
            }
        }
        return log.startsWith(VAR_LOG) ? Optional.of(new HoldFolder(VAR_LOG.resolve(NAME))) : Optional.empty();
    }

    /** Of the log files below a runtime's data root, or below {@code /var/log}. */
    static HoldFolder below(Path dataRoot) {
        return new HoldFolder(dataRoot.resolve(NAME));
    }

    static HoldFolder at(Path folder) {
        return new HoldFolder(folder);
    }

    /** Holds and opens the file that {@code log} names now. Empty when there is none. */
    static Optional<HeldFile> hold(Path log, String containerId, boolean mayLink, Inflaters inflaters)
            throws IOException {
        Optional<HoldFolder> folder = mayLink ? of(log) : Optional.empty();
        if (folder.isPresent()) {
            try {
                return Optional.of(folder.get().link(log, containerId, inflaters));
            } catch (NoSuchFileException gone) {
                return Optional.empty();
            } catch (FileSystemException noLink) {
                return open(log, inflaters);
            }
        }
        return open(log, inflaters);
    }

    Path path() {
        return folder;
    }

    /** A link that is there: a file held by an earlier run. */
    record Held(String containerId, Path path) {}

    List<Held> list() throws IOException {
        List<Held> held = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(folder)) {
            for (Path link : links) {
                held(link).ifPresent(held::add);
            }
        } catch (NoSuchFileException none) {
            return List.of();
        }
        return held;
    }

    /** The files that are held of one container. */
    List<FileKey> heldFor(String containerId) throws IOException {
        List<FileKey> keys = new ArrayList<>();
        for (Held held : list()) {
            if (held.containerId().equals(containerId)) {
                FileKey.look(held.path()).ifPresent(look -> keys.add(look.key()));
            }
        }
        return keys;
    }

    private Optional<Held> held(Path link) throws IOException {
        String name = link.getFileName().toString();
        if (name.startsWith(NEW)) {
            // A kill came between link and rename.
            return Optional.of(new Held(name.substring(NEW.length()), named(link, name.substring(NEW.length()))));
        }
        Matcher hold = HOLD.matcher(name);
        return hold.matches() ? Optional.of(new Held(hold.group(1), link)) : Optional.empty();
    }

    /** @param log by whose name it is opened if it still has that, so that {@link LastName} can tell what became of it */
    static HeldFile open(Held held, Path log, Inflaters inflaters) throws IOException {
        FileKey key = FileKey.look(held.path())
                .orElseThrow(() -> new NoSuchFileException(held.path().toString()))
                .key();
        Optional<FileChannel> byName = openAs(log, key);
        FileChannel channel = byName.isPresent() ? byName.get() : openChannel(held.path());
        return new HeldFile(key, content(channel, inflaters), Optional.of(held.path()));
    }

    private static Optional<FileChannel> openAs(Path log, FileKey wanted) throws IOException {
        if (!isNow(log, wanted)) {
            return Optional.empty();
        }
        FileChannel channel;
        try {
            channel = openChannel(log);
        } catch (FileSystemException gone) {
            return Optional.empty();
        }
        if (isNow(log, wanted)) {
            return Optional.of(channel);
        }
        channel.close();
        return Optional.empty();
    }

    private static boolean isNow(Path log, FileKey wanted) throws IOException {
        return FileKey.look(log).filter(look -> look.key().equals(wanted)).isPresent();
    }

    static boolean isHold(Path name) {
        Path folder = name.getParent();
        return folder != null && folder.endsWith(NAME);
    }

    private HeldFile link(Path log, String containerId, Inflaters inflaters) throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path fresh = folder.resolve(NEW + containerId);
        try {
            Files.createLink(fresh, log);
        } catch (FileAlreadyExistsException interrupted) {
            named(fresh, containerId);
            Files.createLink(fresh, log);
        }
        if (!Files.isRegularFile(fresh, LinkOption.NOFOLLOW_LINKS)) {
            Files.delete(fresh);
            throw new FileSystemException(log.toString(), null, "is no regular file, so it is not read as a log");
        }
        return open(new Held(containerId, named(fresh, containerId)), log, inflaters);
    }

    /** Gives a new link its final name, after the file it turned out to be. */
    private Path named(Path fresh, String containerId) throws IOException {
        FileKey key = FileKey.look(fresh)
                .orElseThrow(() -> new NoSuchFileException(fresh.toString()))
                .key();
        Path name = folder.resolve(containerId + "-" + Long.toHexString(key.inode()));
        if (Files.exists(name)) {
            // The same file: rename(2) of two links to one inode would leave both.
            Files.delete(fresh);
            return name;
        }
        return Files.move(fresh, name);
    }

    private static Optional<HeldFile> open(Path log, Inflaters inflaters) throws IOException {
        for (int i = 0; i < MAX_TRIES; i++) {
            Optional<FileKey.Look> before = FileKey.look(log);
            if (before.isEmpty()) {
                return Optional.empty();
            }
            FileChannel channel;
            try {
                channel = openChannel(log);
            } catch (NoSuchFileException gone) {
                return Optional.empty();
            }
            Optional<FileKey.Look> after = FileKey.look(log);
            if (after.isPresent() && after.get().key().equals(before.get().key())) {
                return Optional.of(new HeldFile(before.get().key(), content(channel, inflaters), Optional.empty()));
            }
            channel.close();
        }
        return Optional.empty();
    }

    /** A link that somebody put there would lead to any file of the node. */
    private static FileChannel openChannel(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /** By its first bytes, because a hold's name does not tell; no log line begins so. */
    private static LogBytes content(FileChannel channel, Inflaters inflaters) throws IOException {
        return GzipBytes.isGzip(channel) ? new GzipBytes(channel, inflaters) : new PlainBytes(channel);
    }
}
