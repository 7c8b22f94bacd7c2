package io.farrier.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that runs on and whose output is read as it comes, in the plain environment of {@link ProcessCommands}. */
public final class RunningCommand implements AutoCloseable {
    /** A complaint is a sentence; what comes after is read and dropped, so that the program never blocks. */
    private static final int MAX_COMPLAINT_BYTES = 4 << 10;

    private static final Duration END_WITHIN = Duration.ofSeconds(5);

    private final Process process;
    private volatile String complaint = "";

    private RunningCommand(Process process) {
        this.process = process;
    }

    /** @throws IOException also when there is no such program */
    public static RunningCommand start(List<String> argv) throws IOException {
        RunningCommand command = new RunningCommand(ProcessCommands.start(argv));
        Thread listener = new Thread(command::listen, "complaints of " + argv.get(0));
        listener.setDaemon(true);
        listener.start();
        return command;
    }

    public InputStream out() {
        return process.getInputStream();
    }

    /** Nobody who kills this process can take the other one along: it ends when it next finds its pipe closed. */
    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it printed to its error output so far. */
    public String complaint() {
        return complaint;
    }

    /** Ends it, and waits until it has. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void listen() {
        try (InputStream errors = process.getErrorStream()) {
            StringBuilder said = new StringBuilder();
            byte[] piece = new byte[512];
            for (int n = errors.read(piece); n >= 0; n = errors.read(piece)) {
                int room = Math.min(n, MAX_COMPLAINT_BYTES - said.length());
                said.append(new String(piece, 0, Math.max(0, room), StandardCharsets.UTF_8));
                complaint = said.toString().strip();
            }
        } catch (IOException ended) {
            // Its words until then are kept.
        }
    }
}
