package io.farrier.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/** The other end of {@link ControlSocket}, for the command line. Blocking. */
public final class ControlClient {
    /** A status of a full node, and more. */
    private static final int MAX_LINE_CHARS = 8 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final Path socket;

    public ControlClient(Path socket) {
        this.socket = socket;
    }

    /** True when there is a socket; whether an agent is behind it, only asking shows. */
    public boolean isThere() {
        return Files.exists(socket);
    }

    /**
     * Asks and gives each line of the answer to {@code lines}, without the closing one.
     *
     * @throws AgentUnavailableException when no agent answers
     * @throws IOException with the agent's own sentence when it refuses or fails
     */
    public void ask(Verb verb, Consumer<JsonNode> lines) throws IOException {
        try (SocketChannel channel = connect()) {
            requireRoot(channel);
            JsonNode request = JsonNodeFactory.instance.objectNode().put("verb", verb.word());
            send(channel, request + "\n");
            listen(channel, lines);
        }
    }

    private void send(SocketChannel channel, String request) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException hungUp) {
            throw endedEarly(hungUp);
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException nobody) {
            channel.close();
            throw new AgentUnavailableException(
                    "Tried to ask the agent at " + socket + ", but " + nobody.getMessage()
                            + ". Is it running (systemctl status farrier), and may you open the socket?",
                    nobody);
        }
    }

    /** Anyone could have put a socket there, had the folder been open for a moment. */
    private void requireRoot(SocketChannel channel) throws IOException {
        UserPrincipal peer =
                channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        UserPrincipal root =
                socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("root");
        if (!peer.equals(root)) {
            throw new IOException("Tried to ask the agent at " + socket + ", but " + peer.getName()
                    + " answers there, not root. Nothing was asked.");
        }
    }

    private void listen(SocketChannel channel, Consumer<JsonNode> lines) throws IOException {
        BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        for (String text = readLine(reader); !text.isEmpty(); text = readLine(reader)) {
            JsonNode line = JSON.readTree(text);
            switch (line.path("type").asText()) {
                case "end" -> {
                    return;
                }
                case "error" -> throw new IOException(line.path("message").asText());
                default -> lines.accept(line);
            }
        }
        throw endedEarly(new EOFException("it ended"));
    }

    /** A full socket is closed with the request unread: the kernel calls that a reset. */
    private AgentUnavailableException endedEarly(IOException how) {
        return new AgentUnavailableException(
                "The agent at " + socket
                        + " ended the conversation before its answer was complete. It may be busy with others, or have stopped.",
                how);
    }

    private int next(BufferedReader reader) throws AgentUnavailableException {
        try {
            return reader.read();
        } catch (IOException hungUp) {
            throw endedEarly(hungUp);
        }
    }

    private String readLine(BufferedReader reader) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = next(reader); c >= 0 && c != '\n'; c = next(reader)) {
            if (line.length() >= MAX_LINE_CHARS) {
                throw new IOException("The agent's answer has a line of more than " + MAX_LINE_CHARS + " characters");
            }
            line.append((char) c);
        }
        return line.toString();
    }
}
