package io.farrier.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Programs as child processes, in a plain environment, so that their words are the C locale's. */
public final class ProcessCommands implements Commands {
    /** Enough for any message farrier shows; what comes after is read and dropped, so that the program never blocks. */
    public static final int MAX_OUTPUT_BYTES = 64 * 1024;

    private static final Duration DRAIN = Duration.ofSeconds(1);

    @Override
    public Result run(Duration deadline, List<String> argv) throws IOException {
        Process process = start(argv);
        CompletableFuture<String> out = collect(process.getInputStream(), argv);
        CompletableFuture<String> err = collect(process.getErrorStream(), argv);
        if (!endsWithin(process, deadline)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IOException("Tried to run '" + String.join(" ", argv) + "' but it had not ended after "
                    + deadline.toSeconds() + " s and was killed.");
        }
        return new Result(process.exitValue(), printed(out), printed(err));
    }

    static Process start(List<String> argv) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(argv);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().put("LC_ALL", "C");
        builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        return builder.start();
    }

    private static CompletableFuture<String> collect(InputStream stream, List<String> argv) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread reader = new Thread(() -> text.complete(read(stream)), "output of " + argv.get(0));
        reader.setDaemon(true);
        reader.start();
        return text;
    }

    private static String read(InputStream stream) {
        try (stream) {
            byte[] kept = stream.readNBytes(MAX_OUTPUT_BYTES);
            stream.transferTo(java.io.OutputStream.nullOutputStream());
            return new String(kept, StandardCharsets.UTF_8);
        } catch (IOException closedByTheKill) {
            return "";
        }
    }

    private static boolean endsWithin(Process process, Duration deadline) throws IOException {
        try {
            return process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("Stopped while a program ran.", stopped);
        }
    }

    /** A daemonised grandchild may keep the pipe open for ever: its words are not waited for. */
    private static String printed(CompletableFuture<String> text) {
        return text.completeOnTimeout("", DRAIN.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }
}
