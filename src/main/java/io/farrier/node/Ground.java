package io.farrier.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether a file can be replaced where it stands, found out without writing: so that what cannot be is refused, and not
 * tried again and again.
 */
public final class Ground {
    private static final int OTHERS_WRITE = 0022;

    private final NodeFiles files;

    public Ground(NodeFiles files) {
        this.files = files;
    }

    /** What is in the way and what to do about it, as two clauses; empty when nothing is known to be. */
    public Optional<String> obstacle(Path path) throws IOException {
        Path file = files.locate(path);
        Path there = existing(file);
        if (!Files.isWritable(there)) {
            return Optional.of(unwritable(there));
        }
        Path folder = existing(file.resolveSibling(""));
        if (!Files.isWritable(folder)) {
            return Optional.of(unwritable(folder));
        }
        if (isMounted(file)) {
            return Optional.of(file + " is a mount of its own, so that it cannot be replaced as a whole. Unmount it, or"
                    + " mount its folder instead");
        }
        return files.isLinked(path) ? notRoots(file) : Optional.empty();
    }

    /**
     * Why what is written there is gone after the next start of the node, as a clause; empty where nothing is known of that.
     * An {@code /etc} of ostree lasts: what was changed in it is carried over to each new deployment.
     */
    public Optional<String> whyItDoesNotLast(Path path) throws IOException {
        Mount mount = Mount.of(existing(files.locate(path)));
        Optional<Path> upper = mount.upperLayer();
        if (upper.isPresent() && Mount.of(upper.get()).isInMemory()) {
            return Optional.of(mount.point() + " is an overlay, and its upper layer " + upper.get() + " is in memory");
        }
        return Optional.empty();
    }

    private static Path existing(Path file) {
        Path there = file;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
            there = there.getParent();
        }
        return there;
    }

    /** Root may write anywhere but here. */
    private static String unwritable(Path there) throws IOException {
        return Mount.of(there).isReadOnly()
                ? there + " is on a file system that is mounted read-only. Mount it writable"
                : there + " is immutable. Run 'chattr -i " + there + "' if that is not meant";
    }

    private static boolean isMounted(Path file) throws IOException {
        return Mount.of(file).point().equals(file);
    }

    /** Whoever may write along a link's way could lead it to any file. */
    private static Optional<String> notRoots(Path file) throws IOException {
        for (Path each = existing(file); each != null; each = each.getParent()) {
            int mode = (Integer) Files.getAttribute(each, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            int owner = (Integer) Files.getAttribute(each, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            boolean isSticky = (mode & 01000) != 0;
            if (owner != 0 || ((mode & OTHERS_WRITE) != 0 && !isSticky)) {
                return Optional.of("a symbolic link leads to " + file + ", and others than root may write to " + each
                        + ". Run 'chown root " + each + "; chmod go-w " + each + "', or replace the link by the file");
            }
        }
        return Optional.empty();
    }
}
