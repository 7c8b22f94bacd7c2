package io.farrier.check;

import io.farrier.document.HostsToml;
import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.document.RegistriesYaml;
import io.farrier.document.TomlDocument;
import io.farrier.node.NodeFiles;
import io.farrier.route.Addresses;
import io.farrier.route.DockerRules;
import io.farrier.route.HostsRules;
import io.farrier.route.RegistriesRules;
import io.farrier.route.Rules;
import io.farrier.route.TrustRule;
import io.farrier.runtime.LiveSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the files a runtime finds its registries with into the terms of {@code route}. */
public final class RuntimeRules {
    private RuntimeRules() {}

    /** dockerd's, as they are in effect. */
    public static Rules docker(LiveSettings live, Addresses addresses) {
        return new DockerRules(live.insecureRegistries(), live.mirrors(), addresses);
    }

    // ---- containerd

    /** @param root {@code config_path}; empty where it is not set */
    public static Rules containerd(NodeFiles files, Optional<Path> root) throws IOException {
        Map<String, HostsRules.Folder> folders = new LinkedHashMap<>();
        if (root.isPresent()) {
            for (NodeFiles.Entry entry : files.list(root.get())) {
                if (entry.kind() == NodeFiles.Kind.FOLDER) {
                    folders.put(entry.name(), folder(files, root.get().resolve(entry.name())));
                }
            }
        }
        return new HostsRules(root.map(Path::toString), folders);
    }

    private static HostsRules.Folder folder(NodeFiles files, Path folder) throws IOException {
        Path file = folder.resolve("hosts.toml");
        if (!files.exists(file)) {
            return new HostsRules.Folder(Optional.empty());
        }
        try {
            HostsToml toml =
                    HostsToml.parse(files.read(file, TomlDocument.MAX_BYTES).content());
            return new HostsRules.Folder(Optional.of(hosts(toml, folder)));
        } catch (InvalidDocumentException containerdIgnoresIt) {
            return new HostsRules.Folder(Optional.empty());
        }
    }

    private static HostsRules.HostsFile hosts(HostsToml toml, Path folder) {
        List<HostsRules.Host> hosts = new ArrayList<>();
        for (String url : toml.hosts()) {
            hosts.add(host(toml, url, List.of(HostsToml.HOST, url), folder));
        }
        Optional<String> server = text(toml.get(KeyPath.of(HostsToml.SERVER)));
        return new HostsRules.HostsFile(server, host(toml, server.orElse(""), List.of(), folder), hosts);
    }

    private static HostsRules.Host host(HostsToml toml, String url, List<String> table, Path folder) {
        List<String> client = texts(toml.get(key(table, HostsToml.CLIENT)));
        Optional<TrustRule.ClientFiles> pair = client.isEmpty()
                ? Optional.empty()
                : Optional.of(new TrustRule.ClientFiles(
                        resolved(folder, client.get(0)), resolved(folder, client.get(client.size() - 1))));
        List<String> authorities = texts(toml.get(key(table, HostsToml.CA))).stream()
                .map(file -> resolved(folder, file))
                .toList();
        return new HostsRules.Host(
                url,
                texts(toml.get(key(table, HostsToml.CAPABILITIES))),
                isTrue(toml.get(key(table, HostsToml.OVERRIDE_PATH))),
                isTrue(toml.get(key(table, HostsToml.SKIP_VERIFY))),
                new TrustRule(true, Optional.empty(), authorities, pair));
    }

    private static KeyPath key(List<String> table, String key) {
        List<String> path = new ArrayList<>(table);
        path.add(key);
        return new KeyPath(path);
    }

    private static String resolved(Path folder, String file) {
        return folder.resolve(file).toString();
    }

    // ---- k3s, RKE2

    /** @param file registries.yaml; an absent one is an empty one */
    public static Rules rancher(NodeFiles files, Path file) throws IOException {
        RegistriesYaml yaml;
        try {
            yaml = RegistriesYaml.parse(files.read(file, TomlDocument.MAX_BYTES).content());
        } catch (InvalidDocumentException refused) {
            throw new IOException(
                    "Tried to read " + file + ", but k3s would not start with it: " + refused.getMessage(), refused);
        }
        Map<String, RegistriesRules.Mirror> mirrors = new LinkedHashMap<>();
        yaml.mirrors()
                .forEach((name, mirror) ->
                        mirrors.put(name, new RegistriesRules.Mirror(mirror.endpoints(), mirror.rewrites())));
        Map<String, RegistriesRules.Config> configs = new LinkedHashMap<>();
        for (String host : yaml.configs()) {
            configs.put(host, config(yaml, KeyPath.of(RegistriesYaml.CONFIGS, host)));
        }
        return new RegistriesRules(file.toString(), mirrors, configs, true);
    }

    private static RegistriesRules.Config config(RegistriesYaml yaml, KeyPath host) {
        KeyPath tls = host.child(RegistriesYaml.TLS);
        Optional<String> certificate = text(yaml.get(tls.child("cert_file")));
        Optional<String> key = text(yaml.get(tls.child("key_file")));
        Optional<TrustRule.ClientFiles> pair =
                certificate.flatMap(cert -> key.map(secret -> new TrustRule.ClientFiles(cert, secret)));
        List<String> authorities = text(yaml.get(tls.child("ca_file"))).stream().toList();
        TrustRule trust = isTrue(yaml.get(tls.child(RegistriesYaml.SKIP_VERIFY)))
                ? TrustRule.NOBODY
                : new TrustRule(true, Optional.empty(), authorities, pair);
        return new RegistriesRules.Config(
                trust, text(yaml.get(host.child(RegistriesYaml.AUTH).child("username"))));
    }

    // ---- values

    private static Optional<String> text(Optional<JsonValue> value) {
        return value.filter(JsonValue.Text.class::isInstance)
                .map(text -> ((JsonValue.Text) text).value())
                .filter(text -> !text.isEmpty());
    }

    private static boolean isTrue(Optional<JsonValue> value) {
        return value.equals(Optional.of(new JsonValue.Bool(true)));
    }

    /** A single text, a list of them, or a list of pairs of which the first counts. */
    private static List<String> texts(Optional<JsonValue> value) {
        if (value.isPresent() && value.get() instanceof JsonValue.Array list) {
            return !list.elements().isEmpty() && list.elements().get(0) instanceof JsonValue.Array pair
                    ? pair.texts()
                    : list.texts();
        }
        return text(value).stream().toList();
    }
}
