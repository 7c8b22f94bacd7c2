package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.registry.Door;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryProbe;
import io.farrier.runtime.RuntimeInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether dockerd trusts a registry now: with the certificates that lie in its folder of certs.d and the insecure
 * registries that are in effect, whoever put them there. dockerd reads both the same way at every pull (FACTS 1.1, 1.2).
 */
public final class DockerTrust implements RegistryQuestion {
    private static final Path CERTS = Path.of("/etc/docker/certs.d");
    private static final int MAX_CERTIFICATE_BYTES = 1 << 20;

    private final NodeFiles files;
    private final RuntimeQuestion runtime;
    private final RegistryProbe probe;

    public DockerTrust(NodeFiles files, RuntimeQuestion runtime, RegistryProbe probe) {
        this.files = files;
        this.runtime = runtime;
        this.probe = probe;
    }

    @Override
    public Verdict ask(FarrierConfig.Registry configured) throws IOException {
        return Verdict.of(probe.examine(Door.of(asDockerHasIt(configured))));
    }

    private Registry asDockerHasIt(FarrierConfig.Registry configured) throws IOException {
        RegistryHost host = configured.host();
        Optional<Registry.Login> login =
                configured.auth().map(auth -> new Registry.Login(auth.username(), auth.password()));
        return isInsecure(host)
                ? Registry.insecure(host, login)
                : Registry.trusting(host, certificatesOnDisk(host), login);
    }

    private boolean isInsecure(RegistryHost host) throws IOException {
        RuntimeInfo info = runtime.ask();
        return info.live()
                .map(live -> live.insecureRegistries().contains(host.value()))
                .orElse(false);
    }

    private byte[] certificatesOnDisk(RegistryHost host) throws IOException {
        Path folder = CERTS.resolve(host.value());
        ByteArrayOutputStream certificates = new ByteArrayOutputStream();
        for (NodeFiles.Entry entry : files.list(folder)) {
            if (entry.name().endsWith(".crt") && entry.kind() == NodeFiles.Kind.FILE) {
                certificates.writeBytes(files.read(folder.resolve(entry.name()), MAX_CERTIFICATE_BYTES)
                        .content());
                certificates.write('\n');
            }
        }
        return certificates.toByteArray();
    }
}
