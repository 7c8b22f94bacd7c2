package io.farrier.keep.rancher;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.KeptFile;
import io.farrier.config.FarrierConfig.Manage;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.document.YamlDocument;
import io.farrier.keep.rancher.RancherNode.Distribution;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /etc/rancher/k3s/registries.yaml}, or RKE2's: mirrors, logins and trust by key, and the CA and client files that it
 * names, in {@code /etc/rancher/<distribution>/farrier/<host>/}. It is read when k3s starts and never again (FACTS 2.1): it
 * is written all the same, and waits; a file that it names is read at every pull.
 */
public final class RegistriesYamlFile implements Resource<RegistriesYamlFile.Observed> {
    /** A bundle of all public CAs has a quarter of it. */
    static final int MAX_FILE_BYTES = 1024 * 1024;

    private static final Pattern ELSEWHERE = Pattern.compile("(?m)^\\s*private-registry\\s*:\\s*[\"']?([^\"'#\\s]+)");

    private final FarrierConfig config;
    private final Distribution distribution;
    private final NodeFiles files;
    private final Ledger ledger;
    private final Optional<RancherService> service;

    /** @param service empty where no daemon is talked to: below another root */
    public RegistriesYamlFile(
            FarrierConfig config,
            Distribution distribution,
            NodeFiles files,
            Ledger ledger,
            Optional<RancherService> service) {
        this.config = config;
        this.distribution = distribution;
        this.files = files;
        this.ledger = ledger;
        this.service = service;
    }

    /**
     * The service that runs, and what a restart of it would bring into effect besides registries.yaml, as clauses.
     *
     * @param pending what others changed since it started
     */
    record Running(Instant started, List<String> pending) {
        Running {
            pending = List.copyOf(pending);
        }
    }

    /**
     * @param written when the file was written last; empty when there is none
     * @param trust the files below {@link Distribution#trustFolder}, those that are configured and those that are ours
     * @param missingFolders that must be made, outermost first
     * @param elsewhere the file that is read instead, where the distribution was told so
     * @param running empty when none runs
     */
    record Observed(
            RancherNode node,
            FileState file,
            Optional<Instant> written,
            Map<Path, FileState> trust,
            List<Path> missingFolders,
            Ownership ours,
            Optional<FileOwner> owner,
            Optional<String> elsewhere,
            Optional<Running> running) {
        Observed {
            trust = Map.copyOf(trust);
            missingFolders = List.copyOf(missingFolders);
        }
    }

    @Override
    public ResourceName name() {
        return distribution.resource();
    }

    @Override
    public List<Path> watched() {
        List<Path> watched = new ArrayList<>(List.of(distribution.registriesYaml()));
        config.registries().forEach(registry -> watched.addAll(trustFiles(registry)));
        return watched;
    }

    private List<Path> trustFiles(Registry registry) {
        Path folder = distribution.trustFolder().resolve(registry.host().value());
        return List.of(folder.resolve("ca.crt"), folder.resolve("client.cert"), folder.resolve("client.key"));
    }

    @Override
    public Observed observe() throws IOException {
        Path path = distribution.registriesYaml();
        FileState file = files.read(path, YamlDocument.MAX_BYTES);
        Ownership ours = ledger.ownership(name());
        Map<Path, FileState> trust = trust(ours);
        Optional<RancherService.Sighting> sighting = service.flatMap(RancherService::look);
        return new Observed(
                RancherNode.look(distribution, files),
                file,
                file.isAbsent() ? Optional.empty() : Optional.of(changed(path)),
                trust,
                missingFolders(),
                ours,
                config.manage(KeptFile.REGISTRIES_YAML) == Manage.OWN
                        ? Optional.empty()
                        : FileOwner.find(distribution, files, file),
                elsewhere(),
                sighting.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Running(sighting.get().started(), pending(sighting.get()))));
    }

    private Map<Path, FileState> trust(Ownership ours) throws IOException {
        Set<Path> paths = new HashSet<>();
        config.registries().forEach(registry -> paths.addAll(trustFiles(registry)));
        ours.claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.FILE)
                .map(Claim::path)
                .filter(claimed -> claimed.startsWith(distribution.trustFolder()))
                .forEach(paths::add);
        TreeSet<String> folders = new TreeSet<>();
        paths.forEach(path -> folders.add(
                String.valueOf(distribution.trustFolder().relativize(path).getName(0))));
        NodeFolder root = files.folder(distribution.trustFolder());
        Map<Path, FileState> trust = new TreeMap<>();
        for (String each : folders) {
            NodeFolder folder = root.folder(each);
            for (NodeFiles.Entry entry : folder.list()) {
                if (paths.contains(folder.path().resolve(entry.name()))) {
                    trust.put(folder.path().resolve(entry.name()), folder.read(entry.name(), MAX_FILE_BYTES));
                }
            }
        }
        return trust;
    }

    private List<Path> missingFolders() throws IOException {
        List<Path> missing = new ArrayList<>(files.missingFolders(distribution.folder()));
        NodeFolder root = files.folder(distribution.trustFolder());
        for (Registry registry : config.registries()) {
            NodeFolder folder = root.folder(registry.host().value());
            if (!folder.exists()) {
                files.missingFolders(folder.path()).stream()
                        .filter(each -> !missing.contains(each))
                        .forEach(missing::add);
            }
        }
        return missing;
    }

    private Instant changed(Path path) throws IOException {
        return Files.getLastModifiedTime(files.locate(path)).toInstant();
    }

    private Optional<String> elsewhere() throws IOException {
        for (Path each : configFiles()) {
            String text = new String(files.read(each, YamlDocument.MAX_BYTES).content(), StandardCharsets.UTF_8);
            Matcher named = ELSEWHERE.matcher(text);
            if (named.find() && !Path.of(named.group(1)).equals(distribution.registriesYaml())) {
                return Optional.of(each + " has 'private-registry: " + named.group(1) + "'");
            }
        }
        return Optional.empty();
    }

    private List<Path> configFiles() throws IOException {
        Path folder = distribution.folder().resolve("config.yaml.d");
        List<Path> paths = new ArrayList<>(List.of(distribution.folder().resolve("config.yaml")));
        for (NodeFiles.Entry entry : files.list(folder)) {
            if (entry.kind() == NodeFiles.Kind.FILE && entry.name().endsWith(".yaml")) {
                paths.add(folder.resolve(entry.name()));
            }
        }
        return paths;
    }

    /** SAFETY 5. */
    private List<String> pending(RancherService.Sighting sighting) throws IOException {
        List<String> pending = new ArrayList<>();
        for (Path each : configFiles()) {
            if (files.exists(each) && changed(each).isAfter(sighting.started())) {
                pending.add(each + " was changed");
            }
        }
        if (sighting.unitChanged()) {
            pending.add("its unit was changed");
        }
        Optional<Path> program = sighting.program();
        if (program.isPresent() && files.exists(program.get()) && isReplaced(program.get(), sighting.started())) {
            pending.add(program.get() + " was replaced, which is an upgrade of Kubernetes");
        }
        return pending;
    }

    /** By the time its name was last given to a file: a package keeps the time that the program was built. */
    private boolean isReplaced(Path program, Instant started) throws IOException {
        java.nio.file.attribute.FileTime changed =
                (java.nio.file.attribute.FileTime) Files.getAttribute(files.locate(program), "unix:ctime");
        return changed.toInstant().isAfter(started);
    }

    @Override
    public FilePlan plan(Observed observed, Allowance allowance) {
        return RegistriesYamlPlanner.plan(observed, Optional.of(config), allowance);
    }

    @Override
    public FilePlan planRestore(Observed observed) {
        return RegistriesYamlPlanner.plan(observed, Optional.empty(), Allowance.EVERYTHING);
    }
}
