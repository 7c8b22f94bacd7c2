package io.farrier.agent;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** What a disk, or somebody, may do to a file. */
public enum Damage {
    FLIPPED_BIT {
        @Override
        void happen(RandomAccessFile bytes, Random random) throws IOException {
            long at = (long) (random.nextDouble() * bytes.length());
            bytes.seek(at);
            int before = bytes.read();
            bytes.seek(at);
            bytes.write(before ^ 1 << random.nextInt(8));
        }
    },
    CUT {
        @Override
        void happen(RandomAccessFile bytes, Random random) throws IOException {
            bytes.setLength((long) (random.nextDouble() * bytes.length()));
        }
    },
    EMPTIED {
        @Override
        void happen(RandomAccessFile bytes, Random random) throws IOException {
            bytes.setLength(0);
        }
    },
    /** As a file system leaves a block that it allocated and never wrote. */
    ZEROS {
        @Override
        void happen(RandomAccessFile bytes, Random random) throws IOException {
            long at = (long) (random.nextDouble() * bytes.length());
            bytes.seek(at);
            bytes.write(new byte[(int) Math.min(BLOCK_BYTES, bytes.length() - at)]);
        }
    },
    GARBAGE {
        @Override
        void happen(RandomAccessFile bytes, Random random) throws IOException {
            byte[] garbage = new byte[(int) Math.min(BLOCK_BYTES, bytes.length())];
            random.nextBytes(garbage);
            bytes.seek((long) (random.nextDouble() * (bytes.length() - garbage.length)));
            bytes.write(garbage);
        }
    };

    private static final int BLOCK_BYTES = 4096;

    abstract void happen(RandomAccessFile bytes, Random random) throws IOException;

    public static Damage random(Random random) {
        return values()[random.nextInt(values().length)];
    }

    /** Every state file that holds something; libraries that were unpacked are none. */
    public static List<Path> filesOf(Path state) throws IOException {
        try (Stream<Path> all = Files.walk(state)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.getParent().endsWith("native"))
                    .filter(file -> file.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
    }

    /** @return what was done, for whoever has to find out later */
    public String to(Path file, Random random) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            happen(bytes, random);
        }
        return this + " " + file.getFileName();
    }
}
