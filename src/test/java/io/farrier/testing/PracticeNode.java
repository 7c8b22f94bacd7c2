package io.farrier.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A node of real parts, made by {@code packaging/practice-node}: dockerd or containerd and three registries in namespaces
 * of their own. It lives as long as this JVM holds it, in {@code target/practice/NAME}.
 *
 * <p>Either {@code try (var node = PracticeNode.up("trust"))}, or one node for all tests of a class:
 * <pre>{@code @RegisterExtension static final PracticeNode NODE = PracticeNode.named("trust").seeded(PAUSE);}</pre>
 * In an instance field each test gets a new one.
 */
public final class PracticeNode
        implements AutoCloseable, BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {

    public static final String PAUSE = "rancher/mirrored-pause:3.6";
    public static final String KUBECTL = "rancher/kubectl:v1.26.3";
    public static final String CIS_OPERATOR = "rancher/cis-operator:v1.0.12";

    // Only bounds waiting; a busy machine may be ten times slower than a free one.
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path directory;
    private final List<String> options = new ArrayList<>();
    private final List<String> seeds = new ArrayList<>();
    private final Map<String, String> facts = new LinkedHashMap<>();
    private String daemonJson = "";
    private Duration patience = PATIENCE;
    private Optional<Process> starter = Optional.empty();
    private boolean ofOneTest;
    private int started;

    private PracticeNode(String name) {
        this.directory = Path.of("target", "practice", name).toAbsolutePath();
        options.addAll(List.of("--name", name));
    }

    /** A node that is described but not up yet. */
    public static PracticeNode named(String name) {
        return new PracticeNode(name);
    }

    public static PracticeNode up(String name) {
        return named(name).up();
    }

    /** {@code docker}, {@code containerd} or {@code docker+containerd}. */
    public PracticeNode runtime(String runtime) {
        options.addAll(List.of("--runtime", runtime));
        return this;
    }

    /** Whose daemons: {@code host}, {@code bookworm}, {@code trixie} or {@code sid}. */
    public PracticeNode suite(String suite) {
        options.addAll(List.of("--suite", suite));
        return this;
    }

    /** What {@code /etc/docker/daemon.json} holds when dockerd starts; absent unless given. */
    public PracticeNode daemonJson(String text) {
        daemonJson = text;
        return this;
    }

    /** For commands that take longer than what a test does. */
    public PracticeNode patience(Duration longer) {
        patience = longer;
        return this;
    }

    /** Images that the TLS registry holds once the node is up. */
    public PracticeNode seeded(String... references) {
        seeds.addAll(List.of(references));
        return this;
    }

    public PracticeNode up() {
        try {
            run(List.of("rm", "-rf", directory.toString())).succeeded();
            Files.createDirectories(directory.resolve("tmp"));
            Files.createDirectories(directory.resolve("etc-docker"));
            if (!daemonJson.isEmpty()) {
                Files.writeString(directory.resolve("etc-docker/daemon.json"), daemonJson);
            }
            List<String> command = new ArrayList<>(List.of(script(), "up", directory.toString()));
            command.addAll(options);
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            starter = Optional.of(process);
            readFacts(process.inputReader());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!seeds.isEmpty()) {
            seed(seeds.toArray(String[]::new));
        }
        return this;
    }

    private void readFacts(BufferedReader words) throws IOException {
        List<String> said = new ArrayList<>();
        for (String line = words.readLine(); line != null; line = words.readLine()) {
            if (line.equals("READY")) {
                return;
            }
            said.add(line);
            int equals = line.indexOf('=');
            if (equals > 0) {
                facts.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        throw new AssertionError("The practice node did not get ready:\n" + String.join("\n", said));
    }

    @Override
    public void close() {
        starter.ifPresent(this::letGo);
        starter = Optional.empty();
    }

    private void letGo(Process process) {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE.toSeconds(), SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("The practice node in " + directory + " is still there after " + PATIENCE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    // ---- what a test does to the node

    /** Runs a command in the node until it ends. */
    public Result exec(String... command) {
        return run(inside(List.of(command)));
    }

    public Result docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return run(inside(command));
    }

    /** Runs the real jar in the node until it ends. */
    public Result farrier(String... arguments) {
        return run(inside(jar(arguments)));
    }

    /** The same with further options of Java, such as {@code -Xmx40m}. */
    public Result farrierWith(List<String> java, String... arguments) {
        List<String> command = new ArrayList<>(jar(arguments));
        command.addAll(1, java);
        return run(inside(command));
    }

    /** Starts the real jar in the node: for {@code agent} and {@code collector}. */
    public RunningFarrier startFarrier(String... arguments) {
        return startFarrierWith(List.of(), arguments);
    }

    /** The same with further options of Java. */
    public RunningFarrier startFarrierWith(List<String> java, String... arguments) {
        Path output = directory.resolve("log/farrier-" + ++started);
        List<String> command = new ArrayList<>(jar(arguments));
        command.addAll(1, java);
        return RunningFarrier.start(processOf(inside(command)), output);
    }

    /**
     * The same on the machine's network, where the node reaches it under {@link #hostAddress()}: for the collector, which
     * the agent and a browser must both reach. It still ends with the node.
     */
    public RunningFarrier startFarrierOutside(String... arguments) {
        Path output = directory.resolve("log/farrier-" + ++started);
        return RunningFarrier.start(
                processOf(entering(List.of("--mount", "--root", "--wd", "--pid"), jar(arguments))), output);
    }

    /** Makes images and pushes them to the TLS registry. */
    public void seed(String... references) {
        script("seed", references);
    }

    /** {@code registry}, {@code plain} or {@code auth}. */
    public void seedTo(String registry, String... references) {
        List<String> arguments = new ArrayList<>(List.of("--to", registry));
        arguments.addAll(List.of(references));
        script("seed", arguments.toArray(String[]::new));
    }

    /** Pushes an image under its own name to a registry that is not asked for a certificate; its layers travel compressed. */
    public void publish(TinyImage image) throws IOException {
        Path archive = directory.resolve("published.tar");
        try (OutputStream out = Files.newOutputStream(archive)) {
            image.writeArchive(out);
        }
        exec(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "--dest-tls-verify=false",
                        "docker-archive:" + archive,
                        "docker://" + image.name())
                .succeeded();
    }

    /** Daemons: {@code dockerd}, {@code containerd}, {@code registry}, {@code plain}, {@code auth}. */
    public void stop(String daemon) {
        script("daemon", "stop", daemon);
    }

    /** As {@link #stop}, by kill -9. */
    public void kill(String daemon) {
        script("daemon", "kill", daemon);
    }

    public void start(String daemon) {
        script("daemon", "start", daemon);
    }

    /** The daemon's pid as the node sees it. */
    public int pid(String daemon) {
        return Integer.parseInt(script("daemon", "pid", daemon).out().strip());
    }

    /** An image on the node that came from no registry: busybox with the applets that loops of log lines need. */
    public String busybox() {
        String image = "practice/busybox:1";
        exec("sh", "-c", """
                        set -e
                        root=$(mktemp -d); mkdir -p "$root/bin" "$root/tmp"
                        cp "$(command -v busybox)" "$root/bin/busybox"
                        for applet in sh sleep echo seq cat usleep printf; do ln -s busybox "$root/bin/$applet"; done
                        tar -C "$root" -c . | docker import - %s
                        rm -r "$root"
                        """.formatted(image)).succeeded();
        return image;
    }

    /** Starts a container that needs no registry and no network, and runs a shell script in it. */
    public void runScript(String name, String script, String... options) {
        List<String> command = new ArrayList<>(List.of("run", "-d", "--name", name, "--network", "none"));
        command.addAll(List.of(options));
        command.addAll(List.of(busybox(), "/bin/sh", "-c", script));
        docker(command.toArray(String[]::new)).succeeded();
    }

    /** Writes {@code /etc/farrier/farrier.yaml}; the practice registries' CA lies beside it in {@code certs}. */
    public void configure(String yaml) {
        try {
            Path folder = file("/etc/farrier");
            Files.createDirectories(folder.resolve("certs"));
            Path ca = folder.resolve("certs/registry-ca.crt");
            if (!Files.exists(ca)) {
                Files.copy(registryCa(), ca);
            }
            Path temporary = folder.resolve("farrier.yaml.tmp");
            Files.writeString(temporary, yaml);
            Files.move(
                    temporary,
                    folder.resolve("farrier.yaml"),
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what a test asks about the node

    /** What a daemon has said so far. */
    public String words(String daemon) {
        try {
            return Files.readString(directory.resolve("log").resolve(daemon));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file that the node sees under this absolute path, as seen from outside. */
    public Path file(String pathInNode) {
        return Path.of(fact("docker_socket").replace("/run/docker.sock", "") + pathInNode);
    }

    public Path dockerSocket() {
        return Path.of(fact("docker_socket"));
    }

    public Path containerdSocket() {
        return Path.of(fact("containerd_socket"));
    }

    public Path directory() {
        return directory;
    }

    /** The node's own address, where its registries listen. */
    public String address() {
        return fact("address");
    }

    /** The machine's address as the node sees it. */
    public String hostAddress() {
        return fact("host_address");
    }

    /** The TLS registry that nobody trusts, {@code host:port}. */
    public String registry() {
        return fact("registry");
    }

    /** The certificate that makes it trusted. */
    public Path registryCa() {
        return Path.of(fact("registry_ca"));
    }

    /** The registry without TLS, {@code host:port}. */
    public String plainRegistry() {
        return fact("plain");
    }

    /** The TLS registry that wants a login: facts {@code auth_user} and {@code auth_password}. */
    public String authRegistry() {
        return fact("auth");
    }

    /** The parent of all containers' cgroups, below each hierarchy. */
    public String cgroup() {
        return fact("cgroup");
    }

    /** Anything that {@code practice-node up} says: {@code init}, {@code link}, {@code starter}. */
    public String fact(String key) {
        return Optional.ofNullable(facts.get(key))
                .orElseThrow(
                        () -> new AssertionError("The practice node said nothing about " + key + ", only " + facts));
    }

    // ---- how

    private List<String> inside(List<String> command) {
        return entering(List.of("--mount", "--root", "--wd", "--pid", "--net", "--uts"), command);
    }

    // --root and --wd: whoever is in a chroot would otherwise come out of it, in no folder at all.
    private List<String> entering(List<String> namespaces, List<String> command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--target", fact("init")));
        all.addAll(namespaces);
        all.add("--");
        all.addAll(command);
        return List.copyOf(all);
    }

    private List<String> jar(String... arguments) {
        Path jar =
                Path.of(System.getProperty("farrier.jar", "target/farrier.jar")).toAbsolutePath();
        if (!Files.isRegularFile(jar)) {
            throw new AssertionError(jar + " is missing: run 'mvn package' first");
        }
        // Performance data would be kept in /tmp under the pid, which in a pid namespace is somebody else's, too.
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + directory.resolve("tmp"),
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        return List.copyOf(command);
    }

    private Result script(String verb, String... arguments) {
        List<String> command = new ArrayList<>(List.of(script(), verb, directory.toString()));
        command.addAll(List.of(arguments));
        return run(command).succeeded();
    }

    private static String script() {
        return Path.of("packaging", "practice-node").toAbsolutePath().toString();
    }

    private ProcessBuilder processOf(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HOME", directory.resolve("home").toString());
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        return builder;
    }

    private Result run(List<String> command) {
        try {
            Path out = Files.createTempFile("practice", ".out");
            Path err = Files.createTempFile("practice", ".err");
            try {
                Process process = processOf(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                boolean ended = process.waitFor(patience.toSeconds(), SECONDS);
                if (!ended) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
                Result result = new Result(
                        command, ended ? process.exitValue() : -1, Files.readString(out), Files.readString(err));
                if (!ended) {
                    throw new AssertionError("Still running after " + patience + ": " + result);
                }
                return result;
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static AssertionError interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new AssertionError("interrupted while waiting for the practice node", e);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        up();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        ofOneTest = starter.isEmpty();
        if (ofOneTest) {
            up();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getExecutionException()
                .ifPresent(e -> System.err.println("The practice node's own words are in " + directory.resolve("log")));
        if (ofOneTest) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    /** How a command in the node ended. */
    public record Result(List<String> command, int exit, String out, String err) {

        /** This, if it ended with 0. */
        public Result succeeded() {
            return exited(0);
        }

        /** This, if it ended so. */
        public Result exited(int expected) {
            if (exit != expected) {
                throw new AssertionError("Expected exit code " + expected + " but was " + this);
            }
            return this;
        }

        @Override
        public String toString() {
            return exit + " from " + String.join(" ", command) + "\n--- out\n" + out + "--- err\n" + err;
        }
    }
}
