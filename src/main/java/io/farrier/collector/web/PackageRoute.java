package io.farrier.collector.web;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * {@code GET /packages/NAME}: what the administrator put into one folder, to anyone. It is no secret, and whoever
 * installs it knows its SHA-256 from elsewhere: the collector is a file server here, not an authority.
 */
final class PackageRoute {
    private static final Pattern NAME =
            Pattern.compile("farrier_[A-Za-z0-9.+~-]{1,100}_[a-z0-9]{1,16}\\.deb(\\.(asc|sig))?");

    /** A rack that is installed at once; the others try again. */
    private static final int MAX_AT_ONCE = 64;

    private final Path folder;
    private int underWay;

    PackageRoute(Path folder) {
        this.folder = folder;
    }

    void send(RoutingContext request) {
        String name = request.pathParam("name");
        if (name == null || !NAME.matcher(name).matches()) {
            request.response().setStatusCode(404).end();
            return;
        }
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            request.response().setStatusCode(404).end();
        } else if (underWay >= MAX_AT_ONCE) {
            request.response().setStatusCode(503).putHeader("Retry-After", "5").end();
        } else {
            underWay++;
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/vnd.debian.binary-package")
                    .sendFile(file.toString())
                    .onComplete(sent -> underWay--);
        }
    }
}
