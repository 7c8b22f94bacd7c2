package io.farrier.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The real jar as a daemon; ends with the test at the latest. */
public final class RunningFarrier implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process wrapper;
    private final ProcessHandle farrier;
    private final Path output;

    private RunningFarrier(Process wrapper, ProcessHandle farrier, Path output) {
        this.wrapper = wrapper;
        this.farrier = farrier;
        this.output = output;
    }

    /** Inside a node: the command is nsenter's, and farrier its child. */
    static RunningFarrier start(ProcessBuilder command, Path output) {
        Process wrapper = begin(command, output);
        return new RunningFarrier(wrapper, javaOf(wrapper, command), output);
    }

    /** On this machine: the command is farrier itself, whose children are others. */
    static RunningFarrier startHere(ProcessBuilder command, Path output) {
        Process farrier = begin(command, output);
        return new RunningFarrier(farrier, farrier.toHandle(), output);
    }

    private static Process begin(ProcessBuilder command, Path output) {
        try {
            return command.redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // nsenter forks to enter a pid namespace, and a signal to nsenter would not reach the node.
    private static ProcessHandle javaOf(Process wrapper, ProcessBuilder command) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> wrapper.children().findFirst(), java -> java.isPresent() || !wrapper.isAlive())
                .orElseThrow(() -> new AssertionError("farrier ended at once: " + command.command()));
    }

    /** The pid as this JVM sees it. */
    public long pid() {
        return farrier.pid();
    }

    public boolean isAlive() {
        return farrier.isAlive();
    }

    /** What it has printed so far, both streams. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the output contains this. */
    public RunningFarrier says(String words) {
        return says(words, output -> output.contains(words));
    }

    /** Waits until the output is so; fails early if farrier ends without. */
    public RunningFarrier says(String what, Predicate<String> wanted) {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> wanted.test(output()) || !isAlive());
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("Waited " + PATIENCE + " for '" + what + "' and saw:\n" + output(), e);
        }
        if (!wanted.test(output())) {
            throw new AssertionError("farrier ended without '" + what + "':\n" + output());
        }
        return this;
    }

    /** kill -9; returns when it is gone. */
    public void kill() {
        farrier.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM; returns the exit code. */
    public int stop() {
        farrier.destroy();
        return awaitEnd();
    }

    private int awaitEnd() {
        try {
            if (!wrapper.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("farrier still runs after " + PATIENCE + " and said:\n" + output());
            }
            return wrapper.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for farrier to end", e);
        }
    }

    @Override
    public void close() {
        if (farrier.isAlive()) {
            kill();
        }
    }
}
