package io.farrier.keep.containerd;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.Ownership;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeFolder;
import io.farrier.plan.Allowance;
import io.farrier.plan.Claim;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code /etc/containerd/certs.d}: for each registry a folder with {@code hosts.toml}, its CA and its client pair.
 * containerd reads it at every pull: what is written is in effect, no restart. Not for k3s and RKE2, which make it
 * themselves.
 */
public final class HostsDirectory implements Resource<HostsDirectory.Observed> {
    public static final ResourceName NAME = new ResourceName("containerd/certs.d");
    static final String HOSTS_TOML = "hosts.toml";

    /** A bundle of all public CAs has a quarter of it. */
    static final int MAX_FILE_BYTES = 1024 * 1024;

    private static final Pattern PORT = Pattern.compile(":([0-9]+)$");
    private static final Pattern WRITTEN_PORT = Pattern.compile("_([0-9]+)_$");

    private final FarrierConfig config;
    private final NodeFiles files;
    private final Ledger ledger;

    public HostsDirectory(FarrierConfig config, NodeFiles files, Ledger ledger) {
        this.config = config;
        this.files = files;
        this.ledger = ledger;
    }

    /**
     * One registry's folder.
     *
     * @param files by name, as far as containerd may read them; a name that leads to no file is absent
     * @param missing folders that must be made for it, outermost first
     */
    record Folder(Path path, Map<String, FileState> files, List<Path> missing) {
        Folder {
            files = Map.copyOf(files);
            missing = List.copyOf(missing);
        }

        FileState file(String name) {
            return files.getOrDefault(name, FileState.ABSENT);
        }
    }

    /**
     * @param folders by upstream: a registry host, or {@code *}
     * @param refusal why containerd would not read any of it
     */
    record Observed(Map<String, Folder> folders, Ownership ours, Optional<Reason> refusal) {
        Observed {
            folders = java.util.Collections.unmodifiableMap(new TreeMap<>(folders));
        }
    }

    @Override
    public ResourceName name() {
        return NAME;
    }

    @Override
    public List<Path> watched() {
        List<Path> watched = new ArrayList<>(List.of(ContainerdConfig.PATH, ContainerdConfig.USUAL_FOLDER));
        for (Registry registry : config.registries()) {
            Path folder = ContainerdConfig.USUAL_FOLDER.resolve(registry.host().value());
            watched.addAll(List.of(folder, folder.resolve(HOSTS_TOML), folder.resolve("ca.crt")));
        }
        return watched;
    }

    @Override
    public Observed observe() throws IOException {
        Ownership ours = ledger.ownership(NAME);
        ContainerdConfig.Look look = ContainerdConfig.look(files);
        NodeFolder root = files.folder(look.folder().orElse(ContainerdConfig.USUAL_FOLDER));
        Map<String, Folder> folders = new TreeMap<>();
        Set<String> names = root.list().stream()
                .filter(entry -> entry.kind() != NodeFiles.Kind.DANGLING)
                .map(NodeFiles.Entry::name)
                .collect(Collectors.toSet());
        for (String upstream : upstreams(ours)) {
            folders.put(upstream, look(root.folder(folderOf(upstream, names))));
        }
        return new Observed(folders, ours, look.refusal());
    }

    private TreeSet<String> upstreams(Ownership ours) {
        TreeSet<String> upstreams = new TreeSet<>(config.mirrors().keySet());
        config.registries().forEach(registry -> upstreams.add(registry.host().value()));
        ours.claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.FILE || claim.kind() == Claim.Kind.KEY)
                .map(claim -> upstreamOf(claim.path()))
                .forEach(upstreams::add);
        return upstreams;
    }

    /** The upstream whose folder a file stands in. */
    static String upstreamOf(Path file) {
        String folder = file.getName(file.getNameCount() - 2).toString();
        return folder.equals("_default") ? "*" : WRITTEN_PORT.matcher(folder).replaceFirst(":$1");
    }

    /** containerd looks for {@code host_port_} first. */
    private static String folderOf(String upstream, Set<String> names) {
        if (upstream.equals("*")) {
            return "_default";
        }
        String first = PORT.matcher(upstream).replaceFirst("_$1_");
        return names.contains(first) ? first : upstream;
    }

    /** Where this node's containerd looks for hosts.toml; empty while its configuration does not say. */
    public static Optional<Path> folderOf(NodeFiles files) throws IOException {
        return ContainerdConfig.look(files).folder();
    }

    private Folder look(NodeFolder folder) throws IOException {
        List<NodeFiles.Entry> entries = folder.list();
        Map<String, FileState> seen = new TreeMap<>();
        for (NodeFiles.Entry entry : entries) {
            boolean isFile = entry.kind() == NodeFiles.Kind.FILE;
            if (isRead(entry.name())) {
                seen.put(entry.name(), isFile ? folder.read(entry.name(), MAX_FILE_BYTES) : FileState.ABSENT);
            }
        }
        // A folder with something in it is there.
        List<Path> missing = entries.isEmpty() ? files.missingFolders(folder.path()) : List.of();
        return new Folder(folder.path(), seen, missing);
    }

    private static boolean isRead(String name) {
        return name.equals(HOSTS_TOML) || name.endsWith(".crt") || name.endsWith(".cert") || name.endsWith(".key");
    }

    @Override
    public FilePlan plan(Observed observed, Allowance allowance) {
        boolean isWanted = !config.registries().isEmpty() || !config.mirrors().isEmpty();
        if (isWanted && observed.refusal().isPresent()) {
            return FilePlan.refused(NAME, observed.refusal().get());
        }
        return HostsPlanner.plan(observed, Optional.of(config), allowance);
    }

    @Override
    public FilePlan planRestore(Observed observed) {
        return HostsPlanner.plan(observed, Optional.empty(), Allowance.EVERYTHING);
    }
}
