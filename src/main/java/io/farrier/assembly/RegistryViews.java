package io.farrier.assembly;

import io.farrier.check.ConfiguredTrust;
import io.farrier.check.RegistryQuestion;
import io.farrier.check.RuntimeProcess;
import io.farrier.check.RuntimeRules;
import io.farrier.check.RuntimeView;
import io.farrier.config.FarrierConfig;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.keep.containerd.HostsDirectory;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.node.DaemonProcess;
import io.farrier.node.NodeFiles;
import io.farrier.registry.Examination;
import io.farrier.registry.Names;
import io.farrier.registry.RegistryProbe;
import io.farrier.route.Rules;
import io.farrier.runtime.LiveSettings;
import io.farrier.runtime.RuntimeFinder.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Registries as this node sees them now. */
final class RegistryViews {
    private final Machine machine;
    private final NodeRuntime runtime;
    private final NodeFiles files;
    private final RegistryParts registries;
    private final FileParts kept;
    private final Map<Kind, RuntimeProcess> processes = new EnumMap<>(Kind.class);

    RegistryViews(Machine machine, NodeRuntime runtime, RegistryParts registries, FileParts kept) throws IOException {
        this.machine = machine;
        this.runtime = runtime;
        this.files = machine.files();
        this.registries = registries;
        this.kept = kept;
    }

    RegistryQuestion.Verdict ask(FarrierConfig.Registry registry) throws IOException {
        return registryQuestion().ask(registry);
    }

    /** With one of its images: its token server and the store of its blobs are seen as well. */
    Examination look(RegistryHost registry, Reference image) throws IOException {
        return view().look(registry, List.of(image));
    }

    /** As the node's runtime sees registries; where it cannot be asked, as the configuration has them. */
    private RegistryQuestion registryQuestion() throws IOException {
        return runtime.kind().isPresent() && machine.isThisNode()
                ? view()
                : new ConfiguredTrust(registries::registry, probe());
    }

    /** @throws IOException when there is no runtime, or it does not say what is in effect */
    RuntimeView view() throws IOException {
        Kind kind = runtime.kind()
                .orElseThrow(() -> new IOException("Tried to see how this node's runtime finds registries, but there is"
                        + " none: looked for " + runtime.tried() + "."));
        return new RuntimeView(
                kind.isDocker() ? "docker" : "containerd",
                rules(kind),
                files,
                machine.isThisNode() ? Optional.of(process(kind)) : Optional.empty(),
                registries::registry,
                probe());
    }

    private Rules rules(Kind kind) throws IOException {
        return switch (kind) {
            case DOCKER, RKE -> RuntimeRules.docker(liveSettings(), RegistryViews::addresses);
            case K3S -> RuntimeRules.rancher(files, Distribution.K3S.registriesYaml());
            case RKE2 -> RuntimeRules.rancher(files, Distribution.RKE2.registriesYaml());
            case CONTAINERD -> RuntimeRules.containerd(files, HostsDirectory.folderOf(files));
        };
    }

    private LiveSettings liveSettings() throws IOException {
        return runtime.runtime()
                .info()
                .live()
                .orElseThrow(() -> new IOException(
                        "Tried to ask dockerd for its registries, but it did not say what is in effect."));
    }

    private static List<byte[]> addresses(String host) {
        try {
            return Stream.of(Names.OF_THIS_NODE.resolve(host))
                    .map(InetAddress::getAddress)
                    .toList();
        } catch (UnknownHostException unknown) {
            return List.of();
        }
    }

    private synchronized RuntimeProcess process(Kind kind) {
        return processes.computeIfAbsent(
                kind, any -> new RuntimeProcess(daemonProcess(any), machine.processes(), files));
    }

    private DaemonProcess daemonProcess(Kind kind) {
        return kind.isDocker()
                ? kept.dockerdProcess()
                : new DaemonProcess(
                        "containerd",
                        List.of("containerd.service"),
                        List.of(runtime.criSocket()),
                        List.of(Path.of("/run/containerd/containerd.pid")));
    }

    private RegistryProbe probe() {
        return new RegistryProbe(Names.OF_THIS_NODE, machine.clock(), registries.logins());
    }
}
