package io.farrier.testing;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;

/** The real jar as a collector on this host, for a machine that is linked to it; its files are in a folder of the test's. */
public final class HostCollector implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final String address;
    private final int port;
    private final List<String> javaOptions;
    private RunningFarrier farrier;

    private HostCollector(Path folder, String address, int port, List<String> javaOptions) throws IOException {
        this.folder = folder;
        this.address = address;
        this.port = port;
        this.javaOptions = javaOptions;
        this.farrier = start();
    }

    /** @param address under which machines reach this host; it need not be there yet */
    public static HostCollector in(Path folder, String address, int port) throws IOException {
        return in(folder, address, port, List.of());
    }

    /** @param javaOptions of the collector itself */
    public static HostCollector in(Path folder, String address, int port, List<String> javaOptions) throws IOException {
        Files.createDirectories(folder.resolve("packages"));
        Files.writeString(folder.resolve("collector.yaml"), """
                listen: 0.0.0.0:%d
                names: [%s]
                state_dir: %s
                packages: %s
                """.formatted(
                        port, address, folder.resolve("state"), folder.resolve("packages")));
        return new HostCollector(folder, address, port, List.copyOf(javaOptions));
    }

    public String url() {
        return "https://" + address + ":" + port;
    }

    public Path packages() {
        return folder.resolve("packages");
    }

    /** What {@code farrier collector invite} prints. */
    public String invite(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("collector", "invite", "--url", url()));
        all.addAll(List.of("--config", folder.resolve("collector.yaml").toString()));
        all.addAll(List.of(arguments));
        return run(jar(List.of(), all));
    }

    /** JSON of the API, as the viewer's secret opens it. */
    public JsonNode api(String path) throws IOException {
        Path header = folder.resolve("header");
        Files.writeString(
                header,
                "Authorization: Bearer "
                        + Files.readString(state("viewer.token")).strip() + "\n");
        return new ObjectMapper()
                .readTree(run(List.of("curl", "-ksS", "-H", "@" + header, "https://127.0.0.1:" + port + path)));
    }

    /** A file of the collector's state directory. */
    public Path state(String name) {
        return folder.resolve("state").resolve(name);
    }

    public long pid() {
        return farrier.pid();
    }

    public void kill() {
        farrier.kill();
    }

    public void restart() throws IOException {
        farrier = start();
    }

    private RunningFarrier start() throws IOException {
        // Another collector there would answer in this one's place, with another certificate.
        try (ServerSocket free = new ServerSocket()) {
            free.setReuseAddress(true);
            free.bind(new InetSocketAddress(port));
        } catch (BindException taken) {
            throw new IOException("Port " + port + " of this host is taken", taken);
        }
        RunningFarrier started = RunningFarrier.startHere(
                new ProcessBuilder(jar(
                        javaOptions,
                        List.of(
                                "collector",
                                "--config",
                                folder.resolve("collector.yaml").toString()))),
                folder.resolve("collector.log"));
        try {
            await().atMost(PATIENCE)
                    .until(() -> !started.isAlive()
                            || run(List.of("curl", "-ks", "https://127.0.0.1:" + port + "/healthz"))
                                    .contains("ok"));
        } catch (ConditionTimeoutException never) {
            started.close();
            throw new AssertionError("The collector does not answer:\n" + started.output(), never);
        }
        if (!started.isAlive()) {
            throw new IOException("The collector ended:\n" + started.output());
        }
        return started;
    }

    private static List<String> jar(List<String> javaOptions, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(javaOptions);
        command.addAll(List.of("-jar", System.getProperty("farrier.jar")));
        command.addAll(arguments);
        return command;
    }

    private static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        farrier.close();
    }
}
