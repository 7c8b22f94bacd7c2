package io.farrier.keep.containerd;

import static io.farrier.document.HostsToml.CA;
import static io.farrier.document.HostsToml.CAPABILITIES;
import static io.farrier.document.HostsToml.CLIENT;
import static io.farrier.document.HostsToml.HEADER;
import static io.farrier.document.HostsToml.HOST;
import static io.farrier.document.HostsToml.OVERRIDE_PATH;
import static io.farrier.document.HostsToml.SERVER;
import static io.farrier.document.HostsToml.SKIP_VERIFY;
import static io.farrier.keep.containerd.HostsDirectory.HOSTS_TOML;
import static io.farrier.keep.containerd.HostsDirectory.NAME;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.KeptFile;
import io.farrier.config.FarrierConfig.Manage;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.Mode;
import io.farrier.document.HostsToml;
import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.image.RegistryHost;
import io.farrier.keep.DocumentPlanner;
import io.farrier.keep.MadeFolders;
import io.farrier.keep.OwnFiles;
import io.farrier.keep.Proposals;
import io.farrier.keep.UserInfo;
import io.farrier.keep.Wishes;
import io.farrier.keep.containerd.HostsDirectory.Folder;
import io.farrier.keep.containerd.HostsDirectory.Observed;
import io.farrier.ledger.Ownership;
import io.farrier.node.OtherWriters;
import io.farrier.pki.Certificates;
import io.farrier.pki.InvalidPemException;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Reason;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Plans the folders of certs.d: a hosts.toml for each upstream, key by key, and the files that they name. */
final class HostsPlanner {
    private static final int PUBLIC = 0644;
    private static final int SHORT_FINGERPRINT = 12;
    private static final List<String> PULL = List.of("pull", "resolve");

    private final Observed seen;
    private final Optional<FarrierConfig> config;
    private final Allowance allowance;
    private final Proposals proposals;
    private final Map<String, Registry> registries = new HashMap<>();
    private final SortedMap<Path, OwnFiles.Wish> trust = new TreeMap<>();
    private final List<Edit> edits = new ArrayList<>();
    private final Set<Claim> claims = new HashSet<>();

    private HostsPlanner(Observed seen, Optional<FarrierConfig> config, Allowance allowance) {
        this.seen = seen;
        this.config = config;
        this.allowance = allowance;
        this.proposals = new Proposals(allowance);
        config.ifPresent(wanted -> wanted.registries()
                .forEach(registry -> registries.putIfAbsent(registry.host().value(), registry)));
    }

    /** @param config empty to give everything back */
    static FilePlan plan(Observed seen, Optional<FarrierConfig> config, Allowance allowance) {
        return new HostsPlanner(seen, config, allowance).plan();
    }

    private FilePlan plan() {
        try {
            for (Map.Entry<String, Folder> folder : seen.folders().entrySet()) {
                planFolder(folder.getKey(), folder.getValue());
            }
        } catch (Unreadable unreadable) {
            return FilePlan.refused(NAME, unreadable.reason);
        }
        OwnFiles files = new OwnFiles(seen.ours(), trustFiles(), proposals);
        files.hold(trust);
        files.drop(noLongerNamed(), true);
        edits.addAll(files.edits());
        claims.addAll(files.claims());
        claims.addAll(MadeFolders.stillHeld(seen.ours(), missingFolders(), claims));
        return new FilePlan(
                NAME,
                edits,
                proposals.changes(),
                proposals.withheld(),
                Optional.empty(),
                proposals.remarks(),
                new TreeSet<>(claims));
    }

    /** One file that cannot be edited: nothing at all is. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Reason reason;

        Unreadable(Path file, InvalidDocumentException why) {
            super(why);
            this.reason = new Reason(
                    "Tried to edit " + file,
                    why.getMessage() + ".",
                    "farrier changed nothing. Write that part of the file plainly.");
        }
    }

    private void planFolder(String upstream, Folder folder) throws Unreadable {
        Path path = folder.path().resolve(HOSTS_TOML);
        Optional<Registry> registry = Optional.ofNullable(registries.get(upstream));
        if (registry.filter(HostsPlanner::isFrozen).isPresent()) {
            seen.ours().claims().stream()
                    .filter(claim -> claim.path().startsWith(folder.path()))
                    .forEach(claims::add);
            return;
        }
        try {
            HostsToml now = HostsToml.parse(folder.file(HOSTS_TOML).content());
            planDocument(path, folder, now, wishes(upstream, registry, folder, now));
        } catch (InvalidDocumentException invalid) {
            throw new Unreadable(path, invalid);
        }
    }

    private static boolean isFrozen(Registry registry) {
        return registry.mode().filter(mode -> mode == Mode.OFF).isPresent();
    }

    // Wishes

    private Wishes wishes(String upstream, Optional<Registry> registry, Folder folder, HostsToml now) {
        Wishes wishes = new Wishes();
        Optional<Mirror> mirror =
                config.flatMap(wanted -> Optional.ofNullable(wanted.mirrors().get(upstream)));
        boolean isTrustedAlready = mirror.isEmpty()
                && registry.filter(each -> isTrustedByOthers(each, folder)).isPresent();
        if (isTrustedAlready) {
            proposals.notOurs(upstream + ": its CA");
        }
        if ((registry.isEmpty() && mirror.isEmpty()) || isTrustedAlready) {
            return wishes;
        }
        Optional<RegistryHost> about = registry.map(Registry::host);
        if (!upstream.equals("*")) {
            wishes.implied(KeyPath.of(SERVER), new JsonValue.Text(serverOf(upstream)), about);
        }
        addTrust(wishes, List.of(), registry, foreignCas(folder));
        if (mirror.isPresent()) {
            mirror.get().endpoints().forEach(endpoint -> addHost(wishes, endpoint, about));
            sayThatItCannotRewrite(upstream, mirror.get());
        } else if (registry.filter(Registry::insecure).isPresent()) {
            // As Docker does it: HTTPS without verifying, then HTTP.
            addHost(wishes, URI.create("https://" + upstream), about);
            addHost(wishes, URI.create("http://" + upstream), about);
        } else {
            addItself(wishes, upstream, registry, folder, now);
        }
        return wishes;
    }

    /**
     * containerd 1.6 reads nothing of a file without any host ("invalid `host` tree"): then the server is one as well.
     */
    private void addItself(Wishes wishes, String upstream, Optional<Registry> registry, Folder folder, HostsToml now) {
        String server = now.get(KeyPath.of(SERVER))
                .map(url -> ((JsonValue.Text) url).value())
                .orElse(serverOf(upstream));
        boolean namesNoOther =
                now.hosts().stream().allMatch(url -> url.equals(server) || isMade(folder, KeyPath.of(HOST, url)));
        if (namesNoOther) {
            List<String> table = List.of(HOST, server);
            wishes.implied(path(table, CAPABILITIES), JsonValue.Array.ofTexts(PULL), registry.map(Registry::host));
            addTrust(wishes, table, registry, foreignCas(folder));
        }
    }

    private static String serverOf(String upstream) {
        return "https://" + (upstream.equals(RegistryHost.DOCKER_HUB.value()) ? "registry-1.docker.io" : upstream);
    }

    /** True for a table that farrier made, or a list. */
    private boolean isMade(Folder folder, KeyPath key) {
        Path path = folder.path().resolve(HOSTS_TOML);
        String text = key.toString();
        return seen.ours().claims(Claim.Kind.KEY, path).stream()
                .anyMatch(claim -> claim.key().equals(text));
    }

    /** The CA both above the hosts and in each: else a missing tag reads as "unknown authority" of the server. */
    private void addTrust(Wishes wishes, List<String> table, Optional<Registry> registry, List<Path> further) {
        Optional<RegistryHost> about = registry.map(Registry::host);
        List<String> cas = Stream.concat(registry.flatMap(this::caFile).stream(), further.stream())
                .map(Path::toString)
                .distinct()
                .toList();
        registry.ifPresent(this::holdTrust);
        if (!cas.isEmpty()) {
            wishes.elements(path(table, CA), cas, about);
        }
        registry.ifPresent(each ->
                each.client().ifPresent(pair -> wishes.value(path(table, CLIENT), pair(each, pair.cert()), about)));
        if (registry.filter(Registry::insecure).isPresent()) {
            wishes.value(path(table, SKIP_VERIFY), new JsonValue.Bool(true), about);
        }
    }

    private JsonValue pair(Registry registry, byte[] cert) {
        List<String> names = List.of(
                clientFile(registry, cert, ".cert").toString(),
                clientFile(registry, cert, ".key").toString());
        return new JsonValue.Array(List.of(JsonValue.Array.ofTexts(names)));
    }

    private void addHost(Wishes wishes, URI endpoint, Optional<RegistryHost> about) {
        List<String> table = List.of(HOST, endpoint.toString().replaceFirst("/+$", ""));
        wishes.implied(path(table, CAPABILITIES), JsonValue.Array.ofTexts(PULL), about);
        String path = Optional.ofNullable(endpoint.getPath()).orElse("").replaceFirst("/+$", "");
        if (!path.isEmpty() && !path.equals("/v2")) {
            wishes.value(path(table, OVERRIDE_PATH), new JsonValue.Bool(true), about);
        }
        String host = String.valueOf(endpoint.getRawAuthority());
        addTrust(wishes, table, Optional.ofNullable(registries.get(host)), List.of());
    }

    private static KeyPath path(List<String> table, String key) {
        List<String> keys = new ArrayList<>(table);
        keys.add(key);
        return new KeyPath(keys);
    }

    private void sayThatItCannotRewrite(String upstream, Mirror mirror) {
        if (!mirror.rewrite().isEmpty()) {
            proposals.withhold(
                    new Change(
                            Kind.ADD,
                            upstream + "/" + HOSTS_TOML,
                            Optional.empty(),
                            Optional.of("rewrite " + mirror.rewrite()),
                            Optional.empty(),
                            Optional.empty()),
                    "containerd by itself cannot rewrite the path of a mirrored image. k3s and RKE2 can. Put the path into"
                            + " the endpoint, or name the images as the mirror does.");
        }
    }

    // Trust

    private void holdTrust(Registry registry) {
        registry.ca()
                .ifPresent(
                        pem -> trust.put(caFile(registry).orElseThrow(), OwnFiles.certificates(pem, registry.host())));
        registry.client().ifPresent(pair -> {
            trust.put(clientFile(registry, pair.cert(), ".cert"), OwnFiles.certificates(pair.cert(), registry.host()));
            trust.put(clientFile(registry, pair.cert(), ".key"), OwnFiles.key(pair, registry.host()));
        });
    }

    private Optional<Path> caFile(Registry registry) {
        Folder folder = folderOf(registry);
        Path usual = folder.path().resolve("ca.crt");
        boolean isTheirs = !folder.file("ca.crt").isAbsent()
                && !seen.ours().ownsFile(usual)
                && registry.ca()
                        .filter(pem ->
                                Certificates.areSame(pem, folder.file("ca.crt").content()))
                        .isEmpty();
        return registry.ca().map(pem -> isTheirs ? folder.path().resolve("farrier.crt") : usual);
    }

    /** Another pair has another name, so that hosts.toml changes from one to the other in one step (SAFETY 47). */
    private Path clientFile(Registry registry, byte[] cert, String suffix) {
        String fingerprint = FileState.of(cert, PUBLIC).fingerprint().replace("sha256:", "");
        return folderOf(registry).path().resolve("client-" + fingerprint.substring(0, SHORT_FINGERPRINT) + suffix);
    }

    private Folder folderOf(Registry registry) {
        Folder folder = seen.folders().get(registry.host().value());
        if (folder == null) {
            throw new IllegalStateException("every configured registry was looked at");
        }
        return folder;
    }

    /** While there is no hosts.toml, containerd reads these by itself; with one, only what it names. */
    private List<Path> foreignCas(Folder folder) {
        Path path = folder.path().resolve(HOSTS_TOML);
        if (!folder.file(HOSTS_TOML).isAbsent() && !seen.ours().ownsFile(path)) {
            return List.of();
        }
        return new TreeMap<>(folder.files())
                .keySet().stream()
                        .filter(name -> name.endsWith(".crt"))
                        .map(folder.path()::resolve)
                        .filter(file -> !seen.ours().ownsFile(file))
                        .toList();
    }

    private boolean isTrustedByOthers(Registry registry, Folder folder) {
        boolean isAllThatIsWanted = registry.client().isEmpty() && !registry.insecure();
        boolean readsThem = folder.file(HOSTS_TOML).isAbsent();
        return isAllThatIsWanted
                && readsThem
                && folder.files().entrySet().stream()
                        .filter(file -> file.getKey().endsWith(".crt")
                                && !seen.ours().ownsFile(folder.path().resolve(file.getKey())))
                        .anyMatch(file -> registry.ca()
                                .filter(pem -> holds(file.getValue().content(), pem))
                                .isPresent());
    }

    private static boolean holds(byte[] bundle, byte[] pem) {
        try {
            return Certificates.parsePem(bundle).containsAll(Certificates.parsePem(pem));
        } catch (InvalidPemException unreadable) {
            return false;
        }
    }

    private Map<Path, FileState> trustFiles() {
        Map<Path, FileState> files = new LinkedHashMap<>();
        seen.folders()
                .values()
                .forEach(folder -> folder.files()
                        .forEach((name, state) -> files.put(folder.path().resolve(name), state)));
        return files;
    }

    private List<Path> noLongerNamed() {
        return seen.ours().claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.FILE && !claims.contains(claim))
                .map(Claim::path)
                .filter(file -> !file.endsWith(HOSTS_TOML) && !trust.containsKey(file))
                .toList();
    }

    // The document

    private void planDocument(Path path, Folder folder, HostsToml before, Wishes wishes)
            throws InvalidDocumentException {
        FileState now = folder.file(HOSTS_TOML);
        if (isSomebodyElses(path, now)) {
            leaveToItsWriter(path, before, wishes, now);
            return;
        }
        sayWhatWillNotBeRead(path, folder, wishes);
        int changes = proposals.changes().size();
        int withheld = proposals.withheld().size();
        DocumentPlanner.Planned planned =
                DocumentPlanner.plan(path, before, seen.ours(), wishes, proposals, HostsPlanner::shown);
        HostsToml document = (HostsToml) planned.document();
        boolean isOurFile = now.isAbsent() || seen.ours().ownsFile(path);
        boolean isAllAllowed = proposals.withheld().size() == withheld;
        if (isOurFile && isAllAllowed && (now.isAbsent() || seen.ours().isAsWritten(path, now))) {
            document = inOrder(document, path, wishes, proposals.changes().size() > changes);
        }
        claims.addAll(planned.claims());
        addEdit(path, now, before, document, planned.claims(), isOurFile);
    }

    private boolean isSomebodyElses(Path path, FileState now) {
        return config.filter(wanted -> wanted.manage(KeptFile.HOSTS_TOML) == Manage.AUTO)
                        .isPresent()
                && !seen.ours().ownsFile(path)
                && OtherWriters.signature(now).isPresent();
    }

    /** It would undo what farrier does there (SAFETY 6). What is farrier's there already stays known. */
    private void leaveToItsWriter(Path path, HostsToml before, Wishes wishes, FileState now)
            throws InvalidDocumentException {
        Proposals wanted = new Proposals(Allowance.EVERYTHING);
        DocumentPlanner.plan(path, before, seen.ours(), wishes, wanted, HostsPlanner::shown);
        String because = "its first lines say '" + OtherWriters.signature(now).orElseThrow()
                + "', and who writes it would undo this. Write it there, or set 'manage: {hosts.toml: own}'.";
        wanted.changes().forEach(change -> proposals.withhold(change, because));
        claims.addAll(seen.ours().claims(path));
        trust.keySet()
                .removeIf(file ->
                        file.startsWith(path.resolveSibling("")) && !seen.ours().ownsFile(file));
    }

    /** The order of hosts is the order in which they are asked: a file that is all ours is written anew for it. */
    private HostsToml inOrder(HostsToml document, Path path, Wishes wishes, boolean changesAnyway)
            throws InvalidDocumentException {
        if (hosts(wishes).equals(document.hosts())) {
            return document;
        }
        HostsToml fresh = (HostsToml) DocumentPlanner.plan(
                        path,
                        HostsToml.empty(),
                        Ownership.none(NAME),
                        wishes,
                        new Proposals(Allowance.EVERYTHING),
                        HostsPlanner::shown)
                .document();
        if (fresh.hosts().equals(document.hosts())) {
            return document;
        }
        Change reorder = new Change(
                Kind.CHANGE,
                path + " " + HOST,
                Optional.of(String.join(", ", document.hosts())),
                Optional.of(String.join(", ", fresh.hosts())),
                Optional.empty(),
                Optional.empty());
        return changesAnyway || proposals.proposeAtOnce(reorder) ? fresh : document;
    }

    private static List<String> hosts(Wishes wishes) {
        return wishes.paths().stream()
                .filter(path -> path.keys().get(0).equals(HOST))
                .map(path -> path.keys().get(1))
                .distinct()
                .toList();
    }

    /** Client pairs of an operator that containerd reads only while there is no hosts.toml. */
    private void sayWhatWillNotBeRead(Path path, Folder folder, Wishes wishes) {
        if (wishes.isEmpty() || !folder.file(HOSTS_TOML).isAbsent()) {
            return;
        }
        folder.files().keySet().stream()
                .filter(name -> name.endsWith(".cert")
                        && !seen.ours().ownsFile(folder.path().resolve(name)))
                .sorted()
                .forEach(name -> proposals.withhold(
                        new Change(
                                Kind.ADD,
                                path + " " + CLIENT,
                                Optional.empty(),
                                Optional.of(folder.path().resolve(name).toString()),
                                Optional.empty(),
                                Optional.empty()),
                        "containerd reads it only while there is no hosts.toml, which farrier makes. Configure it as the"
                                + " registry's 'client'."));
    }

    private void addEdit(
            Path path,
            FileState now,
            HostsToml before,
            HostsToml document,
            SortedSet<Claim> inDocument,
            boolean isOurFile) {
        boolean givesAllBack = inDocument.isEmpty() && !seen.ours().claims(path).isEmpty();
        FileState written =
                document.equals(before) ? now : FileState.of(document.bytes(), now.isAbsent() ? PUBLIC : now.mode());
        FileState last = givesAllBack ? givenBack(path, now, written) : written;
        if (!last.isAbsent() && isOurFile && !inDocument.isEmpty()) {
            claims.add(Claim.file(path));
        }
        if (!now.equals(last)) {
            edits.add(new Edit(path, now, last, Phase.DOCUMENT));
        }
    }

    private FileState givenBack(Path path, FileState now, FileState written) {
        Optional<FileState> original = seen.ours().original(path);
        if (original.isPresent() && seen.ours().isAsWritten(path, now)) {
            return original.get();
        }
        boolean saysNothing = new String(written.content(), StandardCharsets.UTF_8).isBlank();
        return saysNothing && seen.ours().ownsFile(path) ? FileState.ABSENT : written;
    }

    private static String shown(KeyPath key, JsonValue value) {
        if (key.keys().contains(HEADER)) {
            return "***";
        }
        String text = value instanceof JsonValue.Text plain ? plain.value() : value.text();
        return UserInfo.masked(text);
    }

    private List<Path> missingFolders() {
        return seen.folders().values().stream()
                .flatMap(folder -> folder.missing().stream())
                .toList();
    }
}
