package io.farrier.logs.docker;

import io.farrier.logs.ContainerLines;
import io.farrier.logs.LineJoiner;
import io.farrier.logs.LogLine;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** The lines of a container that has no log file, as dockerd tells them. */
public final class AskedLines implements ContainerLines {
    /** While dockerd looks through its files it says nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LineStream stream;
    private final LineJoiner joiner;
    private final boolean follows;

    private AskedLines(LineStream stream, boolean follows, Consumer<LogLine> lines) {
        this.stream = stream;
        this.follows = follows;
        this.joiner = new LineJoiner(lines);
    }

    /**
     * @param follow whether more than there is now will be wanted
     * @throws IOException when dockerd is not there, knows no such container, or its driver keeps nothing
     */
    public static AskedLines of(String id, DockerLogs docker, boolean follow, Consumer<LogLine> lines)
            throws IOException {
        LineStream opened = docker.open(id, Instant.EPOCH, follow)
                .orElseThrow(() -> new IOException("dockerd knows no such container any more"));
        return new AskedLines(opened, follow, lines);
    }

    /** With {@code follow} nobody says where what came since begins. */
    @Override
    public void readAll() throws IOException {
        if (follows) {
            readNew();
            return;
        }
        for (Optional<LogPiece> piece = stream.next(PATIENCE); piece.isPresent(); piece = stream.next(PATIENCE)) {
            add(piece.get());
        }
    }

    @Override
    public void readNew() throws IOException {
        for (Optional<LogPiece> piece = stream.next(); piece.isPresent(); piece = stream.next()) {
            add(piece.get());
        }
    }

    /** When its container stopped, as with {@code docker logs --follow}. */
    @Override
    public boolean isOver() {
        return stream.hasEnded();
    }

    @Override
    public void end() {
        joiner.end();
    }

    @Override
    public void close() {
        stream.close();
    }

    private void add(LogPiece piece) {
        joiner.add(Stamp.utc(piece.time()), piece.isStderr() ? "stderr" : "stdout", piece.text(), piece.isWhole());
    }
}
