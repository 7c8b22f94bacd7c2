package io.farrier.check;

import io.farrier.config.FarrierConfig.Login;
import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryLook;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.transport.Trust;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Whether dockerd trusts a registry now: with the certificates that lie in its folder of certs.d and the insecure
 * registries that are in effect, whoever put them there. dockerd reads both the same way at every pull (FACTS 1.1, 1.2).
 */
public final class DockerTrust implements RegistryQuestion {
    private static final Path CERTS = Path.of("/etc/docker/certs.d");
    private static final int MAX_CERTIFICATE_BYTES = 1 << 20;

    private final NodeFiles files;
    private final RuntimeQuestion runtime;
    private final RegistryLook look;

    public DockerTrust(NodeFiles files, RuntimeQuestion runtime, RegistryLook look) {
        this.files = files;
        this.runtime = runtime;
        this.look = look;
    }

    @Override
    public Verdict ask(io.farrier.config.FarrierConfig.Registry configured) throws IOException {
        RegistryHost host = configured.host();
        boolean insecure = isInsecure(host);
        Registry asDockerHasIt = new Registry(
                host,
                insecure ? Trust.blind() : trustOnDisk(host),
                insecure,
                configured.auth().map(DockerTrust::login),
                Set.of());
        return Verdict.of(look.at(asDockerHasIt));
    }

    private boolean isInsecure(RegistryHost host) throws IOException {
        RuntimeInfo info = runtime.ask();
        return info.live()
                .map(live -> live.insecureRegistries().contains(host.value()))
                .orElse(false);
    }

    private Trust trustOnDisk(RegistryHost host) throws IOException {
        Path folder = CERTS.resolve(host.value());
        ByteArrayOutputStream certificates = new ByteArrayOutputStream();
        for (NodeFiles.Entry entry : files.list(folder)) {
            if (entry.name().endsWith(".crt") && entry.kind() == NodeFiles.Kind.FILE) {
                certificates.writeBytes(files.read(folder.resolve(entry.name()), MAX_CERTIFICATE_BYTES)
                        .content());
                certificates.write('\n');
            }
        }
        return certificates.size() == 0 ? Trust.ofSystem() : Trust.withCa(certificates.toByteArray());
    }

    private static Registry.Login login(Login login) {
        return new Registry.Login(login.username(), login.password());
    }
}
