package io.farrier.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;

/**
 * A registry with one image ({@code app:1}, in any repository) that presents whatever chain a test wants, or says other
 * things than TLS. It remembers who asked for what.
 */
public final class TinyRegistry implements AutoCloseable {
    private static final int SILENCE_MILLIS = 10_000;
    private static final Map<String, byte[]> BLOBS = new LinkedHashMap<>();
    private static final byte[] MANIFEST = image();

    private final ServerSocket socket;
    private final Talk talk;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /** What is done with one connection. */
    interface Talk {
        void with(Socket client, TinyRegistry registry) throws IOException;
    }

    /** What it answers instead of the image: a whole HTTP answer, or null for the image. */
    public interface Answers {
        @org.jspecify.annotations.Nullable
        String to(String method, String target, Map<String, String> headers);
    }

    private TinyRegistry(ServerSocket socket, Talk talk) {
        this.socket = socket;
        this.talk = talk;
        Thread accepting = new Thread(this::accept, "tiny-registry-" + socket.getLocalPort());
        accepting.setDaemon(true);
        accepting.start();
    }

    /**
     * With TLS.
     *
     * @param clientCa whoever is not signed by it is refused; empty to let everyone in
     */
    public static TinyRegistry tls(
            String address,
            int port,
            PrivateKey key,
            List<X509Certificate> chain,
            Optional<X509Certificate> clientCa,
            Answers answers) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new OneKey(key, chain)}, new TrustManager[] {new OneIssuer(clientCa)}, null);
            SSLServerSocket socket =
                    (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
            socket.setNeedClientAuth(clientCa.isPresent());
            socket.bind(new InetSocketAddress(address, port));
            return new TinyRegistry(socket, (client, registry) -> registry.serve(client, answers));
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static TinyRegistry tls(String address, Minted leaf, X509Certificate... others) {
        List<X509Certificate> chain = new java.util.ArrayList<>(List.of(leaf.certificate()));
        chain.addAll(List.of(others));
        return tls(address, 0, leaf.key(), chain, Optional.empty(), (method, target, headers) -> null);
    }

    public static TinyRegistry plain(String address, int port, Answers answers) {
        return raw(address, port, (client, registry) -> registry.serve(client, answers));
    }

    /** Reads what comes first, says these bytes and ends. */
    public static TinyRegistry saying(String address, byte[] words) {
        return raw(address, 0, (client, registry) -> {
            client.getInputStream().read(new byte[4096]);
            client.getOutputStream().write(words);
            client.getOutputStream().flush();
            client.shutdownOutput();
            client.getInputStream().readAllBytes();
        });
    }

    /** Ends the connection with a reset. */
    public static TinyRegistry resetting(String address) {
        return raw(address, 0, (client, registry) -> {
            client.getInputStream().read(new byte[4096]);
            client.setSoLinger(true, 0);
        });
    }

    /** Only notes whether it was spoken TLS or HTTP to, and ends. */
    public static TinyRegistry noting(String address, int port, Consumer<String> note) {
        return raw(address, port, (client, registry) -> {
            int first = client.getInputStream().read();
            note.accept(first == 0x16 ? "https" : "http");
        });
    }

    /** A proxy that takes every CONNECT and then answers as the server itself, with a certificate of its own. */
    public static TinyRegistry intercepting(String address, Minted leaf) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new OneKey(leaf.key(), List.of(leaf.certificate()))}, new TrustManager[0], null);
            return raw(address, 0, (client, registry) -> {
                registry.asked.add(line(client.getInputStream()));
                while (!line(client.getInputStream()).isEmpty()) {
                    continue;
                }
                client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(client, address, 0, true);
                tls.setUseClientMode(false);
                registry.serve(tls, (method, target, headers) -> null);
            });
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static TinyRegistry raw(String address, int port, Talk talk) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
            return new TinyRegistry(socket, talk);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** {@code GET /v2/app/manifests/1 Host[ with AUTHORIZATION]}, in the order they came. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread talking = new Thread(() -> talk(client), "tiny-client");
                talking.setDaemon(true);
                talking.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void talk(Socket client) {
        try (client) {
            client.setSoTimeout(SILENCE_MILLIS);
            talk.with(client, this);
        } catch (IOException refusedOrGone) {
            // That is what many tests are about.
        }
    }

    // ---- HTTP

    private void serve(Socket client, Answers answers) throws IOException {
        InputStream in = client.getInputStream();
        for (String first = line(in); !first.isEmpty(); first = line(in)) {
            String[] words = (first + " ?").split(" ");
            Map<String, String> headers = new LinkedHashMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String[] header = line.split(":", 2);
                headers.put(header[0].toLowerCase(java.util.Locale.ROOT), header[header.length - 1].strip());
            }
            asked.add(words[0] + " " + words[1]
                    + Optional.ofNullable(headers.get("authorization"))
                            .map(value -> " with " + value)
                            .orElse(""));
            String special = answers.to(words[0], words[1], headers);
            if (special != null) {
                client.getOutputStream().write(special.getBytes(StandardCharsets.ISO_8859_1));
            } else {
                answer(client.getOutputStream(), words[0], words[1].replaceFirst("\\?.*", ""));
            }
            client.getOutputStream().flush();
            if ("close".equals(headers.get("connection")) || special != null) {
                return;
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static void answer(OutputStream out, String method, String path) throws IOException {
        if (path.equals("/v2/")) {
            send(out, method, 200, "application/json", "{}".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        if (path.contains("/manifests/") && (path.endsWith("/1") || path.endsWith("/" + digest(MANIFEST)))) {
            send(out, method, 200, "application/vnd.docker.distribution.manifest.v2+json", MANIFEST);
            return;
        }
        byte[] blob = BLOBS.get(path.replaceFirst(".*/blobs/", ""));
        if (blob != null) {
            send(out, method, 200, "application/octet-stream", blob);
            return;
        }
        send(
                out,
                method,
                404,
                "application/json",
                "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private static void send(OutputStream out, String method, int status, String type, byte[] body) throws IOException {
        out.write(("HTTP/1.1 " + status + " X\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length
                        + "\r\nDocker-Content-Digest: " + digest(body)
                        + "\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        if (!method.equals("HEAD")) {
            out.write(body);
        }
    }

    private static byte[] image() {
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        byte[] tar = new byte[1024]; // an archive with nothing in it
        byte[] layer = gzip(tar);
        byte[] config = ("{\"architecture\":\"" + arch
                        + "\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\"," + "\"diff_ids\":[\""
                        + digest(tar) + "\"]}}")
                .getBytes(StandardCharsets.US_ASCII);
        BLOBS.put(digest(layer), layer);
        BLOBS.put(digest(config), config);
        return ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":"
                        + descriptor("application/vnd.docker.container.image.v1+json", config) + ",\"layers\":["
                        + descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layer) + "]}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String descriptor(String type, byte[] blob) {
        return "{\"mediaType\":\"" + type + "\",\"size\":" + blob.length + ",\"digest\":\"" + digest(blob) + "\"}";
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return packed.toByteArray();
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Presents one chain, however wrong it is. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final List<X509Certificate> chain;

        OneKey(PrivateKey key, List<X509Certificate> chain) {
            this.key = key;
            this.chain = List.copyOf(chain);
        }

        private String alias(String keyType) {
            String own = key.getAlgorithm().equals("Ed25519") ? "EdDSA" : key.getAlgorithm();
            return keyType.startsWith(own) ? "one" : null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket client) {
            return alias(keyType);
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return alias(keyType);
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {"one"};
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.toArray(X509Certificate[]::new);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket server) {
            return null;
        }
    }

    /** Takes clients whose certificate one CA signed. */
    private record OneIssuer(Optional<X509Certificate> ca) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] shown, String how) throws CertificateException {
            try {
                shown[0].verify(ca.orElseThrow().getPublicKey());
            } catch (GeneralSecurityException wrong) {
                throw new CertificateException("not one of ours", wrong);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String how) throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return ca.map(each -> new X509Certificate[] {each}).orElseGet(() -> new X509Certificate[0]);
        }
    }
}
