package io.farrier.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which folders may lead to a log file: those that only root could have put where they are. That a group may write there
 * is usual ({@code /var/log} is {@code root:syslog 0775} on Ubuntu); that anybody may is not.
 */
final class LogFolders {
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    /** As the kernel follows. */
    private static final int MAX_LINKS = 40;

    private final int owner;

    private LogFolders(int owner) {
        this.owner = owner;
    }

    static LogFolders ofRoot() {
        return of(0);
    }

    static LogFolders of(int owner) {
        return new LogFolders(owner);
    }

    boolean isTrusted(Path folder) throws IOException {
        try {
            return isTrusted(folder, 0);
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    private boolean isTrusted(Path path, int links) throws IOException {
        for (Path step = path.normalize(); step != null; step = step.getParent()) {
            if (!isOwned(step) || links > MAX_LINKS) {
                return false;
            }
            boolean leadsElsewhere = Files.isSymbolicLink(step);
            if (leadsElsewhere && !isTrusted(step.resolveSibling(Files.readSymbolicLink(step)), links + 1)) {
                return false;
            }
        }
        return true;
    }

    /** Where anybody may write but has to leave alone what is others' (sticky), what is root's can be relied on. */
    private boolean isOwned(Path step) throws IOException {
        Map<String, Object> seen = Files.readAttributes(step, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        long mode = number(seen, "mode");
        boolean isAnybodys = (mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0 && !Files.isSymbolicLink(step);
        long uid = number(seen, "uid");
        return (uid == 0 || uid == owner) && !isAnybodys;
    }

    private static long number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Number number ? number.longValue() : -1;
    }
}
