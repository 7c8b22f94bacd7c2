package io.farrier.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Which file a name stands for now. Inode numbers are used again within seconds, so alone it is no identity. */
record FileKey(long device, long inode) {
    /** A key with what else one look at the file tells. */
    record Look(FileKey key, long size, int links) {}

    /** Empty when there is no file of that name. */
    static Optional<Look> look(Path path) throws IOException {
        return look(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** The same of what a descriptor of this process has open, for as long as it has. */
    static Optional<Look> lookThrough(Path descriptor) throws IOException {
        return look(descriptor, new LinkOption[0]);
    }

    private static Optional<Look> look(Path path, LinkOption... links) throws IOException {
        try {
            Map<String, Object> seen = Files.readAttributes(path, "unix:dev,ino,size,nlink", links);
            FileKey key = new FileKey(number(seen, "dev"), number(seen, "ino"));
            return Optional.of(new Look(key, number(seen, "size"), (int) number(seen, "nlink")));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    private static long number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }
}
