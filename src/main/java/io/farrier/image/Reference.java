package io.farrier.image;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An image reference, normalised as distribution/reference does: {@code busybox} is {@code docker.io/library/busybox},
 * {@code index.docker.io} is {@code docker.io}, and without tag and digest the tag is {@code latest}.
 */
public record Reference(RegistryHost registry, String path, Optional<String> tag, Optional<ManifestDigest> digest) {
    private static final String COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final Pattern PATH = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
    private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}");
    private static final Pattern DIGEST =
            Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}");
    private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");
    private static final int MAX_NAME_LENGTH = 255;

    /** @throws InvalidReferenceException in the words of distribution/reference */
    public static Reference parse(String text) {
        if (text.isEmpty()) {
            throw new InvalidReferenceException("repository name must have at least one component");
        }
        if (BARE_ID.matcher(text).matches()) {
            throw new InvalidReferenceException(
                    "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        int at = text.indexOf('@');
        String named = at < 0 ? text : text.substring(0, at);

        int slash = named.indexOf('/');
        String first = slash < 0 ? "" : named.substring(0, slash);
        boolean hasHost = slash >= 0 && looksLikeHost(first);
        String rest = hasHost ? named.substring(slash + 1) : named;

        int colon = rest.lastIndexOf(':');
        Optional<String> tag = colon < 0 ? Optional.empty() : Optional.of(tag(text, rest.substring(colon + 1)));
        String path = colon < 0 ? rest : rest.substring(0, colon);

        RegistryHost host = hasHost ? host(text, first) : RegistryHost.DOCKER_HUB;
        if (!path.equals(path.toLowerCase(java.util.Locale.ROOT))) {
            throw new InvalidReferenceException("invalid reference format: repository name must be lowercase");
        }
        if (path.length() > MAX_NAME_LENGTH) {
            throw new InvalidReferenceException("repository name must not be more than 255 characters");
        }
        if (!PATH.matcher(path).matches()) {
            throw invalid(text);
        }
        Optional<ManifestDigest> digest = at < 0 ? Optional.empty() : Optional.of(digest(text, text.substring(at + 1)));
        if (host.equals(RegistryHost.DOCKER_HUB) && path.indexOf('/') < 0) {
            path = "library/" + path;
        }
        if (host.value().length() + 1 + path.length() > MAX_NAME_LENGTH) {
            throw new InvalidReferenceException("repository name must not be more than 255 characters");
        }
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Optional.of("latest");
        }
        return new Reference(host, path, tag, digest);
    }

    /** The full form: {@code docker.io/library/busybox:1.36}. */
    @Override
    public String toString() {
        return name() + suffix();
    }

    /** Registry and path without tag or digest: {@code docker.io/library/busybox}. */
    public String name() {
        return registry + "/" + path;
    }

    /** The form Docker lists in RepoTags: {@code busybox:1.36}, {@code rancher/kubectl:v1}, {@code reg:5000/a:b}. */
    public String familiar() {
        return familiarName() + suffix();
    }

    /** {@link #familiar()} without tag or digest. */
    public String familiarName() {
        if (!registry.equals(RegistryHost.DOCKER_HUB)) {
            return name();
        }
        return path.startsWith("library/") ? path.substring("library/".length()) : path;
    }

    /** The same repository and tag below another registry, as system-default-registry does it. */
    public Reference under(RegistryHost other) {
        return new Reference(other, path, tag, digest);
    }

    /** By its digest alone, or, without one, by its tag. */
    public Reference withoutTag() {
        return digest.isPresent() ? new Reference(registry, path, Optional.empty(), digest) : this;
    }

    /** By its tag alone, or, without one, by its digest. */
    public Reference withoutDigest() {
        return tag.isPresent() ? new Reference(registry, path, tag, Optional.empty()) : this;
    }

    /** The same name, and exactly these bytes. */
    public Reference at(ManifestDigest manifest) {
        return new Reference(registry, path, tag, Optional.of(manifest));
    }

    private String suffix() {
        return tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
    }

    private static boolean looksLikeHost(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
    }

    private static RegistryHost host(String text, String first) {
        if (first.equals("index.docker.io")) {
            return RegistryHost.DOCKER_HUB;
        }
        try {
            return RegistryHost.parse(first);
        } catch (IllegalArgumentException notAHost) {
            throw invalid(text);
        }
    }

    private static String tag(String text, String tag) {
        if (!TAG.matcher(tag).matches()) {
            throw invalid(text);
        }
        return tag;
    }

    /** A name is looked at before its digest; then it is go-digest that complains. */
    private static ManifestDigest digest(String text, String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw invalid(text);
        }
        String hex = digest.substring(digest.indexOf(':') + 1);
        if (!digest.startsWith("sha256:")) {
            throw new InvalidReferenceException("unsupported digest algorithm: '" + text + "'");
        }
        if (hex.length() != 64) {
            throw new InvalidReferenceException("invalid checksum digest length: '" + text + "'");
        }
        if (!BARE_ID.matcher(hex).matches()) {
            throw new InvalidReferenceException("invalid checksum digest format: '" + text + "'");
        }
        return new ManifestDigest(digest);
    }

    private static InvalidReferenceException invalid(String text) {
        return new InvalidReferenceException("invalid reference format: '" + text + "'");
    }
}
