package io.farrier.logs;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one container, from its files alone: the rotated ones first, those of earlier attempts before them. No
 * runtime is asked. Reads only.
 */
public final class FileLines implements ContainerLines {
    private static final Pattern ATTEMPT = Pattern.compile("[0-9]{1,9}\\.log");

    /** How often a listing is made again because the file was rotated meanwhile. */
    private static final int MAX_LOOKS = 5;

    private static final int BUFFER_BYTES = 64 << 10;

    /** A record is a piece of 16 KiB, six times as long when each byte is escaped; files of others may hold anything. */
    private static final int MAX_RECORD_BYTES = 4 << 20;

    private final Path log;
    private final LineJoiner joiner;
    private final ByteArrayOutputStream record = new ByteArrayOutputStream();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private @Nullable FileKey current;
    private @Nullable FileChannel live;

    /** @param log the file that is written now, or was last */
    public FileLines(Path log, Consumer<LogLine> lines) throws IOException {
        this.log = withoutLinks(log);
        this.joiner = new LineJoiner(lines);
    }

    /** On RKE1 the kubelet's name is a link to Docker's file, and the rotated ones lie beside that. */
    private static Path withoutLinks(Path log) throws IOException {
        return Files.exists(log) ? log.toRealPath() : log;
    }

    @Override
    public void readAll() throws IOException {
        for (Path earlier : earlierAttempts()) {
            readFamily(earlier);
            close();
            current = null;
        }
        readFamily(log);
    }

    /** Rotation is followed. */
    @Override
    public void readNew() throws IOException {
        drain();
        if (!FileKey.look(log).map(FileKey.Look::key).equals(Optional.ofNullable(current))) {
            readFamily(log);
        }
    }

    /** A container that has stopped may be started again, and goes on in the same file. */
    @Override
    public boolean isOver() {
        return false;
    }

    @Override
    public void end() {
        endRecord();
        joiner.end();
    }

    @Override
    public void close() throws IOException {
        if (live != null) {
            live.close();
            live = null;
        }
    }

    private List<Path> earlierAttempts() throws IOException {
        Path folder = log.getParent();
        if (folder == null
                || !ATTEMPT.matcher(String.valueOf(log.getFileName())).matches()) {
            return List.of();
        }
        int last = number(log);
        List<Path> earlier = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (ATTEMPT.matcher(String.valueOf(file.getFileName())).matches() && number(file) < last) {
                    earlier.add(file);
                }
            }
        } catch (NoSuchFileException gone) {
            return List.of();
        }
        earlier.sort(Comparator.comparing(FileLines::number));
        return earlier;
    }

    private static int number(Path attempt) {
        String name = String.valueOf(attempt.getFileName());
        return Integer.parseInt(name.substring(0, name.indexOf('.')));
    }

    private void readFamily(Path newest) throws IOException {
        List<Open> files = open(newest);
        int next = 0;
        for (int i = 0; i < files.size(); i++) {
            // Up to the one that was live it has been read; where that has gone, all of them are new.
            next = files.get(i).key().equals(current) ? i + 1 : next;
        }
        for (Open file : files.subList(0, next)) {
            file.channel().close();
        }
        if (next > 0) {
            drain();
        }
        for (Open file : files.subList(next, files.size())) {
            close();
            current = file.key();
            live = file.channel();
            if (file.compressed()) {
                inflate(file.channel());
                live = null;
            } else {
                drain();
            }
        }
    }

    private record Open(FileKey key, FileChannel channel, boolean compressed) {}

    /** Opened all before one is read, so that a rotation meanwhile takes none away. */
    private List<Open> open(Path newest) throws IOException {
        List<Open> files = List.of();
        for (int i = 0; i < MAX_LOOKS; i++) {
            for (Open again : files) {
                again.channel().close();
            }
            Optional<FileKey> before = FileKey.look(newest).map(FileKey.Look::key);
            files = openOnce(newest);
            // Else it was rotated behind the listing, which then lacks a file.
            if (before.equals(FileKey.look(newest).map(FileKey.Look::key))) {
                break;
            }
        }
        return files;
    }

    private static List<Open> openOnce(Path newest) throws IOException {
        List<Open> files = new ArrayList<>();
        for (RotatedFiles.Rotated rotated : RotatedFiles.oldestFirst(newest)) {
            add(files, rotated.path(), rotated.compressed());
        }
        add(files, newest, false);
        return files;
    }

    private static void add(List<Open> files, Path name, boolean compressed) throws IOException {
        try {
            FileChannel channel = FileChannel.open(name, StandardOpenOption.READ);
            Optional<FileKey> key = FileKey.look(name).map(FileKey.Look::key);
            if (key.isEmpty() || files.stream().anyMatch(file -> file.key().equals(key.get()))) {
                channel.close();
                return;
            }
            files.add(new Open(key.get(), channel, compressed));
        } catch (NoSuchFileException rotatedAway) {
            // Another name has it now, or nobody any more.
        }
    }

    private void drain() throws IOException {
        if (live != null) {
            // Closing the stream would close the file.
            take(Channels.newInputStream(live));
        }
    }

    private void inflate(FileChannel file) throws IOException {
        try (InputStream inflated = new GZIPInputStream(Channels.newInputStream(file))) {
            take(inflated);
        } catch (EOFException | ZipException cutShort) {
            // What could be read of it has been given.
            endRecord();
        }
    }

    private void take(InputStream from) throws IOException {
        for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
            int start = 0;
            for (int i = 0; i < length; i++) {
                if (buffer[i] == '\n') {
                    record.write(buffer, start, i - start);
                    joiner.add(record.toByteArray());
                    record.reset();
                    start = i + 1;
                }
            }
            record.write(buffer, start, length - start);
            if (record.size() >= MAX_RECORD_BYTES) {
                endRecord();
            }
        }
    }

    private void endRecord() {
        if (record.size() > 0) {
            joiner.add(record.toByteArray());
            record.reset();
        }
    }
}
