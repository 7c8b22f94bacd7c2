package io.farrier.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system of a few megabytes that can be full. It is mounted in a namespace of its own, of a process that ends with
 * this one, and seen from outside by that process' root: nothing is left behind, however a test ends.
 */
public final class SmallDisk implements AutoCloseable {
    private static final int PIECE_BYTES = 64 << 10;

    private final Process holder;
    private final Path path;

    private SmallDisk(Process holder, Path path) {
        this.holder = holder;
        this.path = path;
    }

    /** @param mountPoint an empty folder, which stays empty here */
    public static SmallDisk mount(Path mountPoint, int megabytes) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
        if (!"root".equals(System.getProperty("user.name"))) {
            command.add("--map-root-user");
        }
        command.addAll(List.of(
                "sh",
                "-c",
                "mount -t tmpfs -o mode=0755,size=" + megabytes
                        + "m none \"$0\" && echo mounted && exec cat >/dev/null",
                Files.createDirectories(mountPoint).toString()));
        Process holder = new ProcessBuilder(command).redirectErrorStream(true).start();
        byte[] said = holder.getInputStream().readNBytes("mounted".length());
        if (!new String(said, StandardCharsets.UTF_8).equals("mounted")) {
            throw new IOException("Tried to mount a tmpfs in a namespace of its own, but it said: "
                    + new String(said, StandardCharsets.UTF_8)
                    + new String(holder.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        return new SmallDisk(holder, Path.of("/proc", Long.toString(holder.pid()), "root" + mountPoint));
    }

    /**
     * As it is reached from outside. This is a link to a root, which SQLite and the loader of native libraries resolve by
     * themselves and get wrong: those have to be {@link #inside}.
     */
    public Path path() {
        return path;
    }

    /** What is before a command that is to see the disk at its mount point. */
    public List<String> inside() {
        return List.of("nsenter", "--target", Long.toString(holder.pid()), "--mount", "--wd", "--");
    }

    /** Leaves no byte of room. */
    public void fill() throws IOException {
        try (FileChannel ballast = FileChannel.open(ballast(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int bytes = PIECE_BYTES; bytes > 0; ) {
                try {
                    ballast.write(ByteBuffer.allocate(bytes), ballast.size());
                } catch (IOException full) {
                    bytes /= 2;
                }
            }
        }
    }

    public void makeRoom() throws IOException {
        Files.deleteIfExists(ballast());
    }

    @Override
    public void close() throws IOException {
        holder.destroyForcibly();
    }

    private Path ballast() {
        return path.resolve("ballast");
    }
}
