package io.farrier.registry;

import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Http;
import io.farrier.transport.HttpStream;
import io.farrier.transport.Request;
import io.farrier.transport.Upload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What registries hold, byte by byte: manifests, blobs from any offset, uploads that can be continued. Nothing is ever
 * whole in memory but a manifest.
 *
 * <p>Source: opencontainers/distribution-spec.
 */
public final class RegistryContent {
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final int PIECE_BYTES = 256 * 1024;

    private final RegistryAccess access;

    /** @param logins those that were refused are not sent again for a while */
    public RegistryContent(Http http, Clock clock, LoginMemory logins) {
        this(http, clock, logins, IDLE);
    }

    /** @param idle how long a registry may say nothing */
    public RegistryContent(Http http, Clock clock, LoginMemory logins, Duration idle) {
        this(new RegistryAccess(http, clock, idle, Names.OF_THIS_NODE, logins));
    }

    RegistryContent(RegistryAccess access) {
        this.access = access;
    }

    /**
     * The manifest or index of a reference, its digest verified.
     *
     * @throws RegistryRefusal when the registry does not serve it
     */
    public ImageManifest manifest(Registry registry, Reference reference) throws IOException {
        String which =
                reference.digest().map(ManifestDigest::value).or(reference::tag).orElse("latest");
        String target = "/v2/" + reference.path() + "/manifests/" + which;
        try (HttpStream answer = access.open(
                registry, Scope.pull(reference.path()), "GET", target, Map.of("Accept", ImageManifest.ACCEPT))) {
            if (answer.status() != 200) {
                throw access.refusal(registry, reference.toString(), answer);
            }
            ImageManifest manifest = parsed(registry, reference, answer);
            check(registry, reference, header(answer, "docker-content-digest"), manifest.digest());
            return manifest;
        }
    }

    private ImageManifest parsed(Registry registry, Reference reference, HttpStream answer) throws IOException {
        byte[] body = body(answer, registry.host() + " sent a manifest of " + reference);
        try {
            return ImageManifest.parse(body, header(answer, "content-type").orElse(""));
        } catch (IOException strange) {
            if (ImageManifest.isOfSchema1(body)) {
                throw new OldManifestException(registry.host() + " has " + reference
                        + " only in schema 1, which farrier does not read and newer runtimes refuse. Push it anew.");
            }
            throw new BadContentException(registry.host() + " sent a manifest of " + reference
                    + " that cannot be used: " + strange.getMessage());
        }
    }

    private byte[] body(HttpStream answer, String what) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (InputStream in = new BlobStream(answer, access.idle())) {
            byte[] piece = new byte[1 << 16];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                body.write(piece, 0, read);
                if (body.size() > ImageManifest.MAX_BYTES) {
                    throw new IOException(
                            what + " of more than the " + ImageManifest.MAX_BYTES + " bytes that are accepted");
                }
            }
        }
        return body.toByteArray();
    }

    /** What the bytes are counts; what the registry says of them must agree. Old registries say nothing. */
    private static void check(Registry registry, Reference reference, Optional<String> said, ManifestDigest found)
            throws IOException {
        if (said.isPresent() && said.get().startsWith("sha256:") && !said.get().equals(found.value())) {
            throw new BadContentException(registry.host() + " says that " + reference + " is " + said.get()
                    + ", but what it sent is " + found + ".");
        }
        if (reference.digest().isPresent() && !reference.digest().get().equals(found)) {
            throw new BadContentException(
                    registry.host() + " was asked for " + reference + " and answered with " + found + ".");
        }
    }

    /**
     * A blob's bytes from {@code offset} on, as the registry has them; whoever reads them checks the digest.
     *
     * @throws RegistryRefusal when the registry does not serve it
     */
    public InputStream blob(Registry registry, Reference repository, Blob blob, long offset) throws IOException {
        Map<String, String> headers = offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-");
        HttpStream answer = access.followed(
                registry,
                access.open(registry, Scope.pull(repository.path()), "GET", blobTarget(repository, blob), headers),
                headers);
        if (answer.status() == 206 || (answer.status() == 200 && offset == 0)) {
            return new BlobStream(answer, access.idle());
        }
        if (answer.status() == 200) {
            // It does not know ranges: what is there already comes again.
            InputStream whole = new BlobStream(answer, access.idle());
            whole.skipNBytes(offset);
            return whole;
        }
        try (answer) {
            throw access.refusal(registry, "blob " + blob.digest() + " of " + repository.name(), answer);
        }
    }

    public boolean hasBlob(Registry registry, Reference repository, Blob blob) throws IOException {
        try (HttpStream answer =
                access.open(registry, Scope.push(repository.path()), "HEAD", blobTarget(repository, blob), Map.of())) {
            if (answer.status() == 404) {
                return false;
            }
            if (answer.status() != 200 && answer.status() != 307) {
                throw access.refusal(registry, "blob " + blob.digest() + " of " + repository.name(), answer);
            }
            return true;
        }
    }

    private static String blobTarget(Reference repository, Blob blob) {
        return "/v2/" + repository.path() + "/blobs/" + blob.digest();
    }

    // ---- writing

    /**
     * An upload that is open in a registry; it can be continued after a failure as long as the registry remembers it.
     *
     * @param received how many bytes the registry has
     */
    public record Session(String location, long received) {}

    /**
     * Begins an upload, or spares it.
     *
     * @param from a repository of the same registry that has the blob
     * @return empty when the registry took it from there
     */
    public Optional<Session> begin(Registry registry, Reference repository, Blob blob, Optional<String> from)
            throws IOException {
        String query = from.map(path -> "?mount=" + blob.digest() + "&from=" + RegistryAccess.encoded(path))
                .orElse("");
        Scope scope = from.map(path -> Scope.push(repository.path()).andPull(path))
                .orElseGet(() -> Scope.push(repository.path()));
        String target = "/v2/" + repository.path() + "/blobs/uploads/" + query;
        try (HttpStream answer = access.open(registry, scope, "POST", target, Map.of("Content-Length", "0"))) {
            if (answer.status() == 201) {
                return Optional.empty();
            }
            if (answer.status() != 202) {
                throw access.refusal(registry, "an upload to " + repository.name(), answer);
            }
            return Optional.of(session(registry, answer, 0));
        }
    }

    /** Where an upload stands. */
    public Session status(Registry registry, Reference repository, Session session) throws IOException {
        try (HttpStream answer =
                access.open(registry, Scope.push(repository.path()), "GET", session.location(), Map.of())) {
            if (answer.status() != 204 && answer.status() != 202) {
                throw access.refusal(registry, "the state of an upload to " + repository.name(), answer);
            }
            return session(registry, answer, received(answer));
        }
    }

    /** {@code Range: 0-99} are 100 bytes; {@code 0-0} is none or one, and none is safe: the rest is sent again. */
    private static long received(HttpStream answer) {
        String range = header(answer, "range").orElse("");
        int dash = range.indexOf('-');
        try {
            long last = dash < 0 ? 0 : Long.parseLong(range.substring(dash + 1));
            return last <= 0 ? 0 : last + 1;
        } catch (NumberFormatException strange) {
            return 0;
        }
    }

    private static Session session(Registry registry, HttpStream answer, long received) throws IOException {
        String location = header(answer, "location")
                .orElseThrow(() -> new IOException(registry.host() + " opened an upload without saying where."));
        return new Session(target(registry, location), received);
    }

    /** An upload goes on at the registry itself: a login does not travel. */
    private static String target(Registry registry, String location) throws IOException {
        try {
            URI uri = URI.create(location);
            boolean isElsewhere = uri.getHost() != null && !uri.getHost().equalsIgnoreCase(registry.name());
            if (isElsewhere) {
                throw new IOException(
                        registry.host() + " wants an upload at " + uri.getHost() + "; farrier stays away.");
            }
            return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        } catch (IllegalArgumentException e) {
            throw new IOException(registry.host() + " opened an upload at something that is no URL.", e);
        }
    }

    /** Hears how many bytes have gone. */
    public interface Meter {
        void sent(long bytes) throws IOException;
    }

    /**
     * Sends the rest of a blob and ends the upload; the registry checks the digest.
     *
     * @param rest the bytes from {@link Session#received} on
     */
    public void finish(
            Registry registry, Reference repository, Session session, Blob blob, InputStream rest, Meter meter)
            throws IOException {
        Scope scope = Scope.push(repository.path());
        Session sent = patch(registry, repository, scope, session, blob.size() - session.received(), rest, meter);
        String end = sent.location() + (sent.location().contains("?") ? "&" : "?") + "digest="
                + RegistryAccess.encoded(blob.digest());
        try (HttpStream answer = access.open(registry, scope, "PUT", end, Map.of("Content-Length", "0"))) {
            if (answer.status() != 201) {
                throw access.refusal(registry, "the end of an upload to " + repository.name(), answer);
            }
        }
    }

    private Session patch(
            Registry registry,
            Reference repository,
            Scope scope,
            Session session,
            long length,
            InputStream rest,
            Meter meter)
            throws IOException {
        Map<String, String> headers = new HashMap<>(Map.of(
                "Content-Type",
                "application/octet-stream",
                "Content-Range",
                session.received() + "-" + (session.received() + Math.max(0, length - 1))));
        access.authorization(registry, scope).ifPresent(value -> headers.put("Authorization", value));
        try (Upload upload = access.at(registry, endpoint -> open(endpoint, session, headers, length))) {
            if (send(rest, upload, meter)) {
                upload.end();
            }
            HttpStream answer = upload.answer();
            if (answer.status() != 202 && answer.status() != 204 && answer.status() != 201) {
                throw access.refusal(registry, "an upload to " + repository.name(), answer);
            }
            return session(registry, answer, session.received() + length);
        }
    }

    private Upload open(Endpoint endpoint, Session session, Map<String, String> headers, long length)
            throws IOException {
        return access.http()
                .upload(
                        Request.of("PATCH", endpoint, session.location())
                                .withHeaders(headers)
                                .withIdle(access.idle()),
                        OptionalLong.of(length));
    }

    /** False when the registry answered before it had everything. */
    private static boolean send(InputStream rest, Upload upload, Meter meter) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (int read = rest.readNBytes(piece, 0, piece.length);
                read > 0;
                read = rest.readNBytes(piece, 0, piece.length)) {
            if (!upload.write(piece, read)) {
                return false;
            }
            meter.sent(read);
        }
        return true;
    }

    /** @param reference by tag or by digest; what it points to must be there already */
    public void putManifest(Registry registry, Reference reference, ImageManifest manifest) throws IOException {
        String which = reference.tag().orElseGet(() -> manifest.digest().value());
        String target = "/v2/" + reference.path() + "/manifests/" + which;
        Scope scope = Scope.push(reference.path());
        Map<String, String> headers = new HashMap<>(Map.of("Content-Type", manifest.mediaType()));
        access.authorization(registry, scope).ifPresent(value -> headers.put("Authorization", value));
        try (HttpStream answer = access.at(
                registry,
                endpoint -> access.http()
                        .open(Request.of("PUT", endpoint, target)
                                .withHeaders(headers)
                                .withBody(manifest.bytes())
                                .withIdle(access.idle())))) {
            if (answer.status() != 201) {
                throw access.refusal(registry, "the manifest of " + reference, answer);
            }
        }
    }

    /** The manifest that a registry has under this name now; empty when it has none. */
    public Optional<ManifestDigest> find(Registry registry, Reference reference) throws IOException {
        String which =
                reference.digest().map(ManifestDigest::value).or(reference::tag).orElse("latest");
        try (HttpStream answer = access.open(
                registry,
                Scope.push(reference.path()),
                "HEAD",
                "/v2/" + reference.path() + "/manifests/" + which,
                Map.of("Accept", ImageManifest.ACCEPT))) {
            if (answer.status() == 404) {
                return Optional.empty();
            }
            if (answer.status() != 200) {
                throw access.refusal(registry, reference.toString(), answer);
            }
            return header(answer, "docker-content-digest").flatMap(RegistryContent::digest);
        }
    }

    private static Optional<ManifestDigest> digest(String text) {
        try {
            return Optional.of(new ManifestDigest(text));
        } catch (IllegalArgumentException strange) {
            return Optional.empty();
        }
    }

    private static Optional<String> header(HttpStream answer, @Nullable String name) {
        return answer.headers().getOrDefault(name, List.of()).stream().findFirst();
    }
}
