package io.farrier.agent;

import io.farrier.collector.CountingCollector;
import io.farrier.feed.Encoding;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** What reads log files and sends them somewhere, as a process to be measured, with the place it sends to. */
interface Shipper extends AutoCloseable {
    /** Starts; returns when it is ready for files. */
    void start(Path work, LogFiles files) throws Exception;

    long pid();

    /** Bytes of files, or of lines, that have arrived. */
    long arrived();

    /** Bytes that came over the wire. */
    long wire();

    /** Hears how much has arrived, whenever more has. */
    void onArrival(LongConsumer heard);

    /** True for one that sends the files' own bytes, so that it can be known when all have arrived. */
    boolean isVerbatim();

    @Override
    void close() throws Exception;

    static Optional<Path> onPath(String command) {
        for (String folder : (System.getenv("PATH") + ":/usr/sbin:/opt/fluent-bit/bin").split(":")) {
            Path file = Path.of(folder, command);
            if (Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    static void await(String what, Duration within, BooleanSupplier done) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + within.toSeconds() + " s for " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** The agent with the options of its package, to a collector that counts. */
    final class Farrier implements Shipper {
        private static final Duration START = Duration.ofSeconds(60);

        /** Its own beginnings are over: first samples, first checkpoint. */
        private static final Duration SETTLE = Duration.ofSeconds(4);

        private final Vertx vertx = Vertx.vertx();
        private final CountingCollector collector;
        private final Path options;
        private Process process;

        Farrier(Optional<Encoding> encoding, Path options) throws Exception {
            this.collector = new CountingCollector(vertx, encoding);
            this.options = options;
        }

        @Override
        public void start(Path work, LogFiles files) throws Exception {
            Path token = Files.writeString(work.resolve("token"), "secret");
            Path table = Files.write(
                    work.resolve("table"),
                    files.names().stream().map(Path::toString).toList());
            process = LogsBench.java(
                    options,
                    work.resolve("agent.out"),
                    ShippingAgent.class,
                    work.resolve("state").toString(),
                    "ws://127.0.0.1:" + collector.port() + "/feed",
                    token.toString(),
                    "-",
                    table.toString());
            Shipper.await("the agent's hello; it said " + work.resolve("agent.out"), START, collector::isWelcomed);
            TimeUnit.MILLISECONDS.sleep(SETTLE.toMillis());
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public long arrived() {
            return collector.logBytes();
        }

        @Override
        public long wire() {
            return collector.wireBytes();
        }

        @Override
        public void onArrival(LongConsumer heard) {
            collector.onBatch(batch -> heard.accept(batch.to()));
        }

        @Override
        public boolean isVerbatim() {
            return true;
        }

        @Override
        public void close() throws Exception {
            process.destroyForcibly().waitFor();
            collector.close();
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    /** rsyslog as Debian has it: imfile to omfwd, the lines as they are; queues as in PERFORMANCE's best. */
    final class Rsyslog extends ToSocket {
        private final Path binary;

        Rsyslog(Path binary) throws IOException {
            this.binary = binary;
        }

        @Override
        List<String> command(Path work, LogFiles files, int port) throws IOException {
            List<String> lines = new ArrayList<>(List.of(
                    "global(workDirectory=\"" + work + "\" maxMessageSize=\"64k\")",
                    "module(load=\"imfile\" mode=\"inotify\")",
                    "main_queue(queue.size=\"100000\" queue.dequeueBatchSize=\"4096\")",
                    "template(name=\"raw\" type=\"string\" string=\"%msg%\\n\")"));
            for (Path name : files.names()) {
                lines.add("input(type=\"imfile\" file=\"" + name + "\" tag=\"bench\")");
            }
            lines.add("action(type=\"omfwd\" target=\"127.0.0.1\" port=\"" + port
                    + "\" protocol=\"tcp\" template=\"raw\" queue.type=\"LinkedList\" queue.size=\"100000\""
                    + " queue.dequeueBatchSize=\"4096\")");
            Path config = Files.write(work.resolve("rsyslog.conf"), lines);
            List<String> command = new ArrayList<>(List.of(binary.toString(), "-n", "-f", config.toString()));
            command.addAll(List.of("-i", work.resolve("rsyslog.pid").toString()));
            Optional.ofNullable(System.getenv("FARRIER_RSYSLOG_MODULES")).ifPresent(modules -> {
                command.add("-M");
                command.add(modules);
            });
            return command;
        }

        @Override
        public boolean isVerbatim() {
            return true;
        }
    }

    /** Fluent Bit: the docker or cri parser, big chunks as in PERFORMANCE's best. */
    final class FluentBit extends ToSocket {
        private final Path binary;

        FluentBit(Path binary) throws IOException {
            this.binary = binary;
        }

        @Override
        List<String> command(Path work, LogFiles files, int port) throws IOException {
            boolean isDocker = files.form() == LogFiles.Form.DOCKER;
            Files.writeString(
                    work.resolve("parsers.conf"),
                    "[PARSER]\n Name docker\n Format json\n Time_Key time\n Time_Format %Y-%m-%dT%H:%M:%S.%L\n"
                            + "[PARSER]\n Name cri\n Format regex\n"
                            + " Regex ^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>[^ ]*) (?<message>.*)$\n"
                            + " Time_Key time\n Time_Format %Y-%m-%dT%H:%M:%S.%L%z\n");
            Path config = Files.writeString(
                    work.resolve("fluent-bit.conf"),
                    "[SERVICE]\n Flush 0.2\n Log_Level error\n Parsers_File " + work.resolve("parsers.conf") + "\n"
                            + "[INPUT]\n Name tail\n Path " + files.glob() + "\n Parser "
                            + (isDocker ? "docker" : "cri")
                            + "\n Read_from_Head true\n Refresh_Interval 1\n DB " + work.resolve("offsets.db")
                            + "\n Buffer_Chunk_Size 1M\n Buffer_Max_Size 4M\n Mem_Buf_Limit 50MB\n"
                            + "[OUTPUT]\n Name tcp\n Match *\n Host 127.0.0.1\n Port " + port + "\n Format msgpack\n");
            return List.of(binary.toString(), "-c", config.toString());
        }

        @Override
        public boolean isVerbatim() {
            return false;
        }
    }

    /** A process that sends to a TCP socket which counts. */
    abstract class ToSocket implements Shipper {
        private static final int READ_BYTES = 256 << 10;
        private static final Duration SETTLE = Duration.ofSeconds(1);

        private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        private final AtomicLong received = new AtomicLong();
        private volatile LongConsumer listener = bytes -> {};
        private Process process;

        ToSocket() throws IOException {}

        abstract List<String> command(Path work, LogFiles files, int port) throws IOException;

        @Override
        public void start(Path work, LogFiles files) throws Exception {
            Thread accepting = new Thread(this::accept, "sink");
            accepting.setDaemon(true);
            accepting.start();
            process = new ProcessBuilder(command(work, files, server.getLocalPort()))
                    .redirectErrorStream(true)
                    .redirectOutput(work.resolve("peer.out").toFile())
                    .start();
            TimeUnit.MILLISECONDS.sleep(SETTLE.toMillis());
            if (!process.isAlive()) {
                throw new IllegalStateException("it ended at once: " + Files.readString(work.resolve("peer.out")));
            }
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    Thread reading = new Thread(() -> drain(socket), "sink");
                    reading.setDaemon(true);
                    reading.start();
                } catch (IOException closed) {
                    return;
                }
            }
        }

        private void drain(Socket socket) {
            byte[] bytes = new byte[READ_BYTES];
            try (socket;
                    InputStream in = socket.getInputStream()) {
                for (int got = in.read(bytes); got >= 0; got = in.read(bytes)) {
                    listener.accept(received.addAndGet(got));
                }
            } catch (IOException gone) {
                // The peer was ended.
            }
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public long arrived() {
            return received.get();
        }

        @Override
        public long wire() {
            return received.get();
        }

        @Override
        public void onArrival(LongConsumer heard) {
            listener = heard;
        }

        @Override
        public void close() throws Exception {
            process.destroyForcibly().waitFor();
            server.close();
        }
    }
}
