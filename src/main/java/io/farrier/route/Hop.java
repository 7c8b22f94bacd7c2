package io.farrier.route;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import java.util.Optional;

/**
 * One endpoint that a runtime tries.
 *
 * @param scheme {@code https} or {@code http}
 * @param host {@code host[:port]} as it stands in the runtime's files
 * @param path what stands before the repository: {@code /v2}, or what a mirror has instead
 * @param repository after all rewrites
 * @param namespace the registry that a mirror is asked for, containerd's {@code ?ns=}
 * @param login the user of a login that the runtime itself has for it
 * @param because why it is tried, and whose word that is
 */
public record Hop(
        String scheme,
        String host,
        String path,
        String repository,
        Optional<String> namespace,
        TrustRule trust,
        Optional<String> login,
        String because) {
    public boolean isPlain() {
        return scheme.equals("http");
    }

    /** The path and query of the request for {@code reference}'s manifest. */
    public String target(Reference reference) {
        String which =
                reference.digest().map(ManifestDigest::value).or(reference::tag).orElse("latest");
        return path + "/" + repository + "/manifests/" + which
                + namespace.map(name -> "?ns=" + name).orElse("");
    }

    public String url(Reference reference) {
        return scheme + "://" + host + target(reference);
    }
}
