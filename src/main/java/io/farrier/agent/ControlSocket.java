package io.farrier.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.node.Login;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code /run/farrier/agent.sock}: one request a connection, one line of JSON ({@code {"verb":"status"}}), answered by
 * lines of JSON; the last is of type {@code end} or {@code error}.
 *
 * <p>The folder is root's (0755), the socket root's and, where there is one, the group {@code farrier}'s (0660). The
 * kernel says who is at the other end: uid 0 may all, everybody else who could open the socket may read.
 */
public final class ControlSocket implements AutoCloseable {
    public static final Path DEFAULT_PATH = Path.of("/run/farrier/agent.sock");

    static final int MAX_CONNECTIONS = 16;
    static final int MAX_REQUEST_BYTES = 64 << 10;

    /** Who has nothing to say makes room for who has. */
    private static final Duration FIRST_BYTE = Duration.ofSeconds(1);

    private static final Duration WHOLE_REQUEST = Duration.ofSeconds(5);
    private static final long START_SECONDS = 10;
    private static final String GROUP = "farrier";
    /** Loaded when there is something to read or write, not when an agent starts. */
    private static final class Json {
        private static final JsonMapper MAPPER = new JsonMapper();
    }

    private final Vertx vertx;
    private final Path path;
    private final Commands commands;
    private final boolean rootOnly;
    private final NetServer server;
    private int connections;

    private ControlSocket(Vertx vertx, Path path, Commands commands) {
        this.vertx = vertx;
        this.path = path;
        this.commands = commands;
        // Without epoll nobody says who is at the other end: then only root can open the socket.
        this.rootOnly = !vertx.isNativeTransportEnabled();
        this.server = vertx.createNetServer();
    }

    public static ControlSocket open(Vertx vertx, Path path, Agent agent) throws IOException {
        return open(vertx, path, Commands.of(agent));
    }

    static ControlSocket open(Vertx vertx, Path path, Commands commands) throws IOException {
        ControlSocket socket = new ControlSocket(vertx, path, commands);
        socket.listen();
        return socket;
    }

    @Override
    public void close() {
        server.close();
    }

    private void listen() throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        // Left by a killed agent; a living one is found by its lock on the node, not here.
        Files.deleteIfExists(path);
        server.connectHandler(this::connected);
        try {
            // connect(2) needs write permission, which the usual umask gives to nobody but root until it is set below.
            server.listen(SocketAddress.domainSocketAddress(path.toString()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(START_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Opening " + path + " was interrupted", e);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IOException("Tried to listen on " + path + " and could not: " + failed.getMessage(), failed);
        }
        admit();
    }

    private void admit() throws IOException {
        Optional<GroupPrincipal> group = rootOnly ? Optional.empty() : group();
        if (group.isPresent()) {
            Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setGroup(group.get());
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rootOnly ? "rw-------" : "rw-rw----"));
    }

    private Optional<GroupPrincipal> group() throws IOException {
        try {
            return Optional.of(
                    path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(GROUP));
        } catch (UserPrincipalNotFoundException none) {
            return Optional.empty();
        }
    }

    private void connected(NetSocket socket) {
        if (connections >= MAX_CONNECTIONS) {
            socket.close();
            return;
        }
        connections++;
        new Conversation(socket, peer(socket));
    }

    /** @param who for the history */
    private record Peer(OptionalInt uid, String who) {
        static final Peer UNKNOWN = new Peer(OptionalInt.empty(), "unknown");
    }

    private Peer peer(NetSocket socket) {
        Channel channel = ((NetSocketInternal) socket).channelHandlerContext().channel();
        if (channel instanceof EpollDomainSocketChannel unix) {
            try {
                PeerCredentials peer = unix.peerCredentials();
                return new Peer(OptionalInt.of(peer.uid()), Login.ofThisNode().of(peer.pid()));
            } catch (IOException theKernelDoesNotSay) {
                return Peer.UNKNOWN;
            }
        }
        return rootOnly ? new Peer(OptionalInt.of(0), "root") : Peer.UNKNOWN;
    }

    /** One connection. All of it runs on the server's event loop. */
    private final class Conversation {
        private final NetSocket socket;
        private final Peer peer;
        private final Context context = vertx.getOrCreateContext();
        private final Buffer request = Buffer.buffer();
        private long timer;
        private boolean isAsked;
        private boolean isOver;

        Conversation(NetSocket socket, Peer peer) {
            this.socket = socket;
            this.peer = peer;
            this.timer = vertx.setTimer(FIRST_BYTE.toMillis(), late -> over());
            socket.closeHandler(closed -> ended());
            socket.exceptionHandler(failure -> over());
            socket.handler(this::received);
        }

        private void received(Buffer bytes) {
            if (isAsked || isOver) {
                return;
            }
            if (request.length() == 0) {
                vertx.cancelTimer(timer);
                timer = vertx.setTimer(WHOLE_REQUEST.toMillis(), late -> over());
            }
            request.appendBuffer(bytes);
            int end = lineEnd();
            if (end < 0 && request.length() < MAX_REQUEST_BYTES) {
                return;
            }
            isAsked = true;
            vertx.cancelTimer(timer);
            if (end < 0 || end >= MAX_REQUEST_BYTES) {
                error("a request has less than " + MAX_REQUEST_BYTES + " bytes and ends with a line feed");
                return;
            }
            answer(request.getString(0, end, StandardCharsets.UTF_8.name()));
        }

        private int lineEnd() {
            for (int i = 0; i < request.length(); i++) {
                if (request.getByte(i) == '\n') {
                    return i;
                }
            }
            return -1;
        }

        private void answer(String line) {
            Optional<Verb> verb = verb(line);
            if (verb.isEmpty()) {
                error("not a request: expected {\"verb\":\"status\"}, or apply, restore, pull");
            } else if (peer.uid().isEmpty()
                    || !verb.get().isAllowedTo(peer.uid().getAsInt())) {
                error("'" + verb.get().word() + "' changes the node and is for root only");
            } else {
                run(verb.get());
            }
        }

        private void run(Verb verb) {
            commands.run(verb, peer.who(), said -> context.runOnContext(now -> say(said)))
                    .whenComplete((done, failure) -> context.runOnContext(now -> {
                        if (failure == null) {
                            say(JsonNodeFactory.instance.objectNode().put("type", "end"));
                            over();
                        } else {
                            error(sentence(failure));
                        }
                    }));
        }

        /** A reader that does not read costs nothing: progress is left out while it lags behind. */
        private void say(JsonNode line) {
            boolean isProgress = "progress".equals(line.path("type").textValue());
            if (!isOver && !(isProgress && socket.writeQueueFull())) {
                socket.write(line + "\n");
            }
        }

        private void error(String sentence) {
            say(JsonNodeFactory.instance.objectNode().put("type", "error").put("message", sentence));
            over();
        }

        private void over() {
            if (!isOver) {
                isOver = true;
                socket.end();
            }
        }

        private void ended() {
            isOver = true;
            vertx.cancelTimer(timer);
            connections--;
        }

        private static Optional<Verb> verb(String line) {
            try {
                JsonNode request = Json.MAPPER.readTree(line);
                return Verb.find(request == null ? "" : request.path("verb").asText());
            } catch (JsonProcessingException notJson) {
                return Optional.empty();
            }
        }

        private static String sentence(Throwable failure) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            return cause.getMessage() == null ? cause.toString() : cause.getMessage();
        }
    }
}
