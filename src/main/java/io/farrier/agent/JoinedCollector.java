package io.farrier.agent;

import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.node.NodeFiles;
import io.farrier.plan.FileState;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a join leaves in the configuration: the token, 0600, and a drop-in that names it and the collector. The drop-in
 * comes last: what it names is there.
 */
public final class JoinedCollector {
    private static final String TOKEN = "secrets/collector.token";
    private static final String DROP_IN = "50-collector.yaml";
    private static final int ROOT_ONLY = 0700;
    private static final int SECRET = 0600;
    private static final int READABLE_FOLDER = 0755;
    private static final int READABLE = 0644;

    private final NodeFiles files;
    private final Path configFile;

    public JoinedCollector(NodeFiles files, Path configFile) {
        this.files = files;
        this.configFile = configFile;
    }

    /** @param collector {@code https://host:port} */
    public static boolean isSame(CollectorLink link, URI collector, String sha256) {
        return link.url().equals(feed(collector)) && link.sha256().equals(Optional.of(sha256));
    }

    /** @param name what this node is called from now on; empty keeps what the configuration says */
    public void keep(URI collector, String sha256, Optional<String> name, Secret token) throws IOException {
        Path secret = configFile.resolveSibling(TOKEN);
        files.makeFolders(secret.resolveSibling(""), ROOT_ONLY);
        files.replace(secret, FileState.of((token.reveal() + "\n").getBytes(StandardCharsets.UTF_8), SECRET));
        Path dropIns = configFile.resolveSibling("farrier.d");
        files.makeFolders(dropIns, READABLE_FOLDER);
        String text = "# By 'farrier join'. To join elsewhere, delete this file first.\n"
                + "collector:\n"
                + "  url: " + feed(collector) + "\n"
                + "  sha256: " + sha256 + "\n"
                + "  token_file: " + TOKEN + "\n"
                + name.map(called -> "node:\n  name: " + called + "\n").orElse("");
        files.replace(dropIns.resolve(DROP_IN), FileState.of(text.getBytes(StandardCharsets.UTF_8), READABLE));
    }

    private static URI feed(URI collector) {
        return URI.create("wss://" + collector.getRawAuthority() + "/feed");
    }
}
