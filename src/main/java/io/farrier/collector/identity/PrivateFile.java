package io.farrier.collector.identity;

import io.farrier.node.TwofoldFile;
import io.farrier.node.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Predicate;

/** A small file that others can never read. */
final class PrivateFile {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> GROUP_AND_OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("------rwx");

    /** A token or a PEM key; anything larger is not what it should be. */
    private static final long MAX_BYTES = 64 << 10;

    private PrivateFile() {}

    static void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder, OWNER_ONLY_FOLDER);
    }

    static void write(Path file, String text) throws IOException {
        WholeFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IOException also when others may read the file: then it is no secret any more */
    static String read(Path file) throws IOException {
        return read(file, GROUP_AND_OTHERS);
    }

    /** As {@link #read}, but a group may read it too: Debian keeps keys 0640 for the group ssl-cert. */
    static String readOfGroup(Path file) throws IOException {
        return read(file, OTHERS);
    }

    /** As {@link #read}, of what cannot be made again: it is kept twice, and mended. */
    static String readTwofold(Path file, Predicate<String> isGood) throws IOException {
        check(file, GROUP_AND_OTHERS);
        return readPublicTwofold(file, isGood);
    }

    /** As {@link #readTwofold}, of what everybody may know. */
    static String readPublicTwofold(Path file, Predicate<String> isGood) throws IOException {
        return TwofoldFile.read(file, isGood);
    }

    private static String read(Path file, Set<PosixFilePermission> refused) throws IOException {
        check(file, refused);
        return readText(file);
    }

    private static void check(Path file, Set<PosixFilePermission> refused) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.stream().anyMatch(refused::contains)) {
            throw new IOException("Tried to read " + file + " but its mode is "
                    + PosixFilePermissions.toString(permissions) + ": others may have read it. Replace the secret if"
                    + " they may have, and 'chmod 600' the file.");
        }
    }

    static String readText(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("Tried to read " + file + " but it is larger than " + MAX_BYTES + " bytes.");
        }
        return Files.readString(file);
    }
}
