package io.farrier.keep.docker;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.Mode;
import io.farrier.image.RegistryHost;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.Ownership;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeFolder;
import io.farrier.plan.Allowance;
import io.farrier.plan.Claim;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * {@code /etc/docker/certs.d}: a folder for each registry, named as the registry is in image references, with the CA and
 * the client pair (FACTS 1.1). dockerd reads it at every pull: what is written is in effect, no reload.
 */
public final class CertsDirectory implements Resource<CertsDirectory.Observed> {
    public static final ResourceName NAME = new ResourceName("docker/certs.d");
    static final Path ROOT = Path.of("/etc/docker/certs.d");

    /** A bundle of all public CAs has a quarter of it. */
    static final int MAX_FILE_BYTES = 1024 * 1024;

    /** Every name that farrier may give a file here. */
    private static final List<String> WRITTEN =
            List.of("ca.crt", "farrier.crt", "client.cert", "client.key", "farrier.cert", "farrier.key");

    private final List<Registry> registries;
    private final NodeFiles files;
    private final Ledger ledger;

    public CertsDirectory(FarrierConfig config, NodeFiles files, Ledger ledger) {
        this.registries = List.copyOf(config.registries());
        this.files = files;
        this.ledger = ledger;
    }

    /** One name in a registry's folder. The state is of files that Docker reads; of anything else it is absent. */
    record Found(String name, NodeFiles.Kind kind, FileState state) {
        boolean isFile() {
            return kind == NodeFiles.Kind.FILE;
        }
    }

    /** A registry's folder; {@code missing} are the folders that must be made for it, outermost first. */
    record Folder(List<Found> entries, List<Path> missing) {
        Folder {
            entries = List.copyOf(entries);
            missing = List.copyOf(missing);
        }

        Optional<Found> find(String name) {
            return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
        }
    }

    /** @param folders of the configured registries and of those with something of ours */
    record Observed(SortedMap<RegistryHost, Folder> folders, Ownership ours) {
        Observed {
            folders = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(folders));
        }
    }

    @Override
    public ResourceName name() {
        return NAME;
    }

    @Override
    public Observed observe() throws IOException {
        Ownership ours = ledger.ownership(NAME);
        TreeSet<RegistryHost> hosts = new TreeSet<>();
        registries.forEach(registry -> hosts.add(registry.host()));
        ours.claims().forEach(claim -> hostOf(claim).ifPresent(hosts::add));
        NodeFolder root = files.folder(ROOT);
        TreeMap<RegistryHost, Folder> folders = new TreeMap<>();
        for (RegistryHost host : hosts) {
            folders.put(host, look(root.folder(host.value())));
        }
        return new Observed(folders, ours);
    }

    private Folder look(NodeFolder folder) throws IOException {
        List<Found> entries = new ArrayList<>();
        for (NodeFiles.Entry entry : folder.list()) {
            boolean isRead = entry.kind() == NodeFiles.Kind.FILE && isReadByDocker(entry.name());
            FileState state = isRead ? folder.read(entry.name(), MAX_FILE_BYTES) : FileState.ABSENT;
            entries.add(new Found(entry.name(), entry.kind(), state));
        }
        // A folder with something in it is there.
        return new Folder(entries, entries.isEmpty() ? files.missingFolders(folder.path()) : List.of());
    }

    /** Hidden names count as well: Docker looks at the end only. */
    static boolean isReadByDocker(String name) {
        return name.endsWith(".crt") || name.endsWith(".cert") || name.endsWith(".key");
    }

    static Path folderOf(RegistryHost host) {
        return ROOT.resolve(host.value());
    }

    static Optional<RegistryHost> hostOf(Claim claim) {
        if (!claim.path().startsWith(ROOT) || claim.path().getNameCount() <= ROOT.getNameCount()) {
            return Optional.empty();
        }
        return Optional.of(
                RegistryHost.parse(claim.path().getName(ROOT.getNameCount()).toString()));
    }

    @Override
    public FilePlan plan(Observed observed, Allowance allowance) {
        Map<RegistryHost, Registry> wanted = new TreeMap<>();
        registries.forEach(registry -> wanted.put(registry.host(), registry));
        return new CertsPlanner(observed, wanted, allowance).plan();
    }

    @Override
    public List<Path> watched() {
        List<Path> watched = new ArrayList<>(List.of(ROOT));
        for (Registry registry : registries) {
            Path folder = ROOT.resolve(registry.host().value());
            watched.add(folder);
            WRITTEN.forEach(name -> watched.add(folder.resolve(name)));
        }
        return watched;
    }

    @Override
    public FilePlan planRestore(Observed observed) {
        return new CertsPlanner(observed, Map.of(), Allowance.EVERYTHING).plan();
    }

    static boolean isFrozen(Registry registry) {
        return registry.mode().filter(mode -> mode == Mode.OFF).isPresent();
    }
}
