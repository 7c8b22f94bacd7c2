package io.farrier.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this node calls itself, as the kernel knows it: the JDK would ask DNS first, which may be down. */
public final class HostName {
    private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

    private HostName() {}

    /** {@code node} where the kernel does not say. */
    public static String ofThisNode() {
        try {
            String name = Files.readString(KERNEL).strip();
            return name.isEmpty() ? "node" : name;
        } catch (IOException unnamed) {
            return "node";
        }
    }
}
