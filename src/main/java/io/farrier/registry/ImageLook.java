package io.farrier.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.registry.Examination.Image;
import io.farrier.registry.Examination.Served;
import io.farrier.registry.HttpWords.Answer;
import io.farrier.registry.RegistryFault.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Whether an image could be pulled: its manifest with all types accepted, for this platform, and where its blobs are. */
final class ImageLook {
    private static final int MAX_ERROR_BYTES = 64 * 1024;

    private final Door door;
    private final Session session;
    private final Names names;
    private final Clock clock;
    private final Platform platform;
    private final Consumer<Served> witness;

    /** @param witness of what the store of its blobs shows */
    ImageLook(Door door, Session session, Names names, Clock clock, Platform platform, Consumer<Served> witness) {
        this.door = door;
        this.session = session;
        this.names = names;
        this.clock = clock;
        this.platform = platform;
        this.witness = witness;
    }

    /** @param target path and query of the manifest, as the runtime asks for it */
    Image at(Reference reference, String target) {
        try {
            int split = target.indexOf("/manifests/");
            String prefix = target.substring(0, split);
            String repository = prefix.substring(prefix.lastIndexOf("/v2/") + "/v2/".length());
            return look(reference, prefix, repository, target);
        } catch (ProbeException failed) {
            return new Image(
                    reference, Optional.empty(), Optional.of(failed.faults().get(0)));
        } catch (IOException broken) {
            return new Image(
                    reference,
                    Optional.empty(),
                    Optional.of(fault(Kind.HOSTILE, door.host() + ": " + broken.getMessage())));
        }
    }

    private Image look(Reference reference, String prefix, String repository, String target) throws IOException {
        Answer answer = manifest(target, repository);
        if (answer.status() != 200) {
            return new Image(reference, Optional.empty(), Optional.of(refusal(reference, answer.status())));
        }
        ManifestDigest digest = RegistryClient.digest(answer.body());
        if (reference.digest().isPresent() && !reference.digest().get().equals(digest)) {
            throw new IOException("it was asked for " + reference + " and answered with " + digest + ".");
        }
        JsonNode manifest = RegistryClient.MAPPER.readTree(answer.body());
        if (manifest.has("manifests")) {
            Optional<Reference> child = ImageIndex.child(manifest, platform, reference);
            if (child.isEmpty()) {
                return new Image(
                        reference,
                        Optional.of(digest),
                        Optional.of(fault(
                                Kind.IMAGE_MISSING,
                                door.host() + " has " + reference + ", but not for " + platform + ".")));
            }
            String path = prefix + "/manifests/" + child.get().digest().orElseThrow();
            Answer image = manifest(path, repository);
            if (image.status() != 200) {
                return new Image(reference, Optional.of(digest), Optional.of(refusal(child.get(), image.status())));
            }
            manifest = RegistryClient.MAPPER.readTree(image.body());
        }
        return new Image(reference, Optional.of(digest), blobs(manifest, prefix, repository));
    }

    private Answer manifest(String target, String repository) throws ProbeException {
        return session.ask(
                "GET", target, repository, Map.of("Accept", RegistryClient.ACCEPT), RegistryClient.MAX_MANIFEST_BYTES);
    }

    private RegistryFault refusal(Reference reference, int status) {
        return switch (status) {
            case 401, 403 ->
                Faults.fault(
                        Kind.IMAGE_FORBIDDEN,
                        "pull access denied",
                        door.host() + " does not let this node pull " + reference
                                + ": the login has no right to it, or it does not exist.",
                        "");
            case 404 ->
                Faults.fault(Kind.IMAGE_MISSING, "manifest unknown", door.host() + " has no " + reference + ".", "");
            default -> fault(Kind.IMAGE_MISSING, door.host() + " answered " + status + " for " + reference + ".");
        };
    }

    // ---- blobs

    /** One of them, without reading it: registries send their clients to object stores, which need trust of their own. */
    private Optional<RegistryFault> blobs(JsonNode manifest, String prefix, String repository) throws IOException {
        Optional<ManifestDigest> config =
                digest(manifest.path("config").path("digest").asText(""));
        if (config.isEmpty()) {
            return Optional.empty();
        }
        Answer answer = session.ask("HEAD", prefix + "/blobs/" + config.get(), repository, Map.of(), MAX_ERROR_BYTES);
        if (answer.status() == 404) {
            return Optional.of(fault(
                    Kind.IMAGE_MISSING,
                    door.host() + " has the manifest, but not the blob " + config.get() + " it is made of."));
        }
        return answer.status() / 100 == 3 ? elsewhere(answer.header("location").orElse("")) : Optional.empty();
    }

    private Optional<RegistryFault> elsewhere(String location) throws IOException {
        URI uri = uri(location);
        if (uri.getHost() == null) {
            return Optional.empty(); // relative: the registry itself
        }
        boolean isPlain = "http".equals(uri.getScheme());
        if (!isPlain && !"https".equals(uri.getScheme())) {
            throw new IOException("it sends its clients to a '" + uri.getScheme() + "' address for blobs.");
        }
        int port = uri.getPort() > 0 ? uri.getPort() : isPlain ? 80 : 443;
        Door store = door.to(uri.getHost(), port, isPlain);
        if (!store.name().equals(door.name())) {
            forbidOwnNetwork(store.name());
        }
        try (Wire wire = Wire.open(store, store.name().equals(door.name()) ? names : names.abroad(), clock)) {
            // Nothing is asked: whether it can be reached and is trusted is the question.
            wire.chain().ifPresent(chain -> witness.accept(new Served(store, chain)));
            return Optional.empty();
        } catch (ProbeException failed) {
            RegistryFault first = failed.faults().get(0);
            return Optional.of(Faults.fault(
                    Kind.BLOBS_ELSEWHERE,
                    first.words(),
                    door.host() + " sends its clients to " + store.host() + " for blobs. " + first.sentence(),
                    first.command()));
        }
    }

    private void forbidOwnNetwork(String host) throws IOException {
        try {
            if (Arrays.stream(names.resolve(host)).anyMatch(TokenRealm::isOwnNetwork)) {
                throw new IOException("it sends its clients to " + host
                        + " for blobs, which is this node itself, or its" + " cloud's metadata.");
            }
        } catch (UnknownHostException unknown) {
            // The connection says so in its own words.
        }
    }

    private static URI uri(String location) throws IOException {
        try {
            return URI.create(location);
        } catch (IllegalArgumentException strange) {
            throw new IOException("it sends its clients to no URL for blobs.", strange);
        }
    }

    private static Optional<ManifestDigest> digest(String text) {
        try {
            return Optional.of(new ManifestDigest(text));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static RegistryFault fault(Kind kind, String sentence) {
        return Faults.fault(kind, "", sentence, "");
    }
}
