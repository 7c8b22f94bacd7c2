package io.farrier.testing;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Login;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.document.RandomToml;
import io.farrier.document.RandomYaml;
import io.farrier.image.RegistryHost;
import io.farrier.plan.FileState;
import io.farrier.secret.Secret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** What an operator has on a node, and what a configuration wants there; the two meet often. */
public final class RandomNode {
    private static final List<String> HOSTS =
            List.of("a:5000", "h1.example", "h2.example:5000", "new.example", "docker.io");
    private static final List<String> UPSTREAMS = List.of("docker.io", "h1.example:5000", "h2.example", "*");

    private final Random random;

    public RandomNode(Random random) {
        this.random = random;
    }

    // ---- what is there

    /** A daemon.json that dockerd starts with, or none. */
    public FileState daemonJson() {
        if (random.nextInt(8) == 0) {
            return FileState.ABSENT;
        }
        String end = random.nextBoolean() ? "\n" : "\r\n";
        String space = pick("", " ", end + "  ", end + "\t", end + "    ");
        List<String> members = new ArrayList<>();
        mostly(members, "\"insecure-registries\":" + list(space, "a:5000", "b.example", "10.0.0.0/8"));
        mostly(members, "\"log-opts\" : {\"max-size\": \"50m\"," + space + "\"max-file\":\"3\"}");
        mostly(members, "\"live-restore\": " + random.nextBoolean());
        mostly(members, "\"registry-mirrors\": " + list(space, "https://m1.example", "https://n.example/"));
        mostly(members, "\"x-unknown\":  {\"deep\": [1, 2.50, null]}");
        mostly(members, "\"debug\" :" + random.nextBoolean());
        Collections.shuffle(members, random);
        String text = members.isEmpty()
                ? "{}"
                : "{" + space + String.join("," + space, members) + (random.nextBoolean() ? end : "") + "}";
        return state(text + (random.nextBoolean() ? end : ""));
    }

    /** A registries.yaml that k3s starts with, or none. */
    public FileState registriesYaml() {
        return random.nextInt(6) == 0 ? FileState.ABSENT : state(new RandomYaml(random).document());
    }

    /** Docker's folders of registries: CAs, pairs, and what Docker does not read. */
    public Map<Path, FileState> dockerCerts(Path root) {
        Map<Path, FileState> files = new TreeMap<>();
        for (String host : HOSTS) {
            trust(files, root.resolve(host));
        }
        return files;
    }

    /** containerd's folders of registries. */
    public Map<Path, FileState> containerdCerts(Path root) {
        Map<Path, FileState> files = dockerCerts(root);
        for (String upstream : List.of("a:5000", "h1.example", "h2.example:5000", "docker.io", "_default")) {
            if (random.nextInt(3) > 0) {
                files.put(root.resolve(upstream).resolve("hosts.toml"), state(new RandomToml(random).document()));
            }
        }
        return files;
    }

    private void trust(Map<Path, FileState> files, Path folder) {
        if (random.nextInt(3) == 0) {
            files.put(folder.resolve(pick("ca.crt", "corp.crt", "farrier.crt", ".hidden.crt")), state(certificates()));
        }
        if (random.nextInt(5) == 0) {
            String name = pick("client", "own");
            files.put(folder.resolve(name + ".cert"), state(text(TestCertificates.CA)));
            files.put(folder.resolve(name + ".key"), state("key " + random.nextInt(3)));
        }
    }

    private String certificates() {
        String one = text(TestCertificates.CA);
        String other = text(TestCertificates.OTHER_CA);
        return pick(
                one,
                other,
                one + other,
                other + one,
                one.replace("\n", "\r\n"),
                "# corp\n" + one,
                "garbage",
                "",
                one.strip());
    }

    private FileState state(String text) {
        return FileState.of(text.getBytes(StandardCharsets.UTF_8), random.nextBoolean() ? 0644 : 0600);
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.UTF_8);
    }

    private String list(String space, String... choices) {
        List<String> elements = new ArrayList<>();
        for (String choice : choices) {
            mostly(elements, "\"" + choice + "\"");
        }
        return "[" + space + String.join("," + space, elements) + "]";
    }

    private void mostly(List<String> list, String element) {
        if (random.nextInt(3) > 0) {
            list.add(element);
        }
    }

    // ---- what is wanted

    public FarrierConfig configuration() {
        List<Registry> registries = new ArrayList<>();
        for (String host : HOSTS) {
            if (random.nextBoolean()) {
                registries.add(registry(host));
            }
        }
        Map<String, Mirror> mirrors = new TreeMap<>();
        for (String upstream : UPSTREAMS) {
            if (random.nextBoolean()) {
                mirrors.put(upstream, mirror());
            }
        }
        return Configurations.of(registries, mirrors, daemonJsonKeys());
    }

    private Registry registry(String host) {
        boolean isInsecure = random.nextInt(4) == 0;
        return new Registry(
                RegistryHost.parse(host),
                sometimes(!isInsecure, random.nextBoolean() ? TestCertificates.CA : TestCertificates.OTHER_CA),
                sometimes(!isInsecure, new ClientPair(TestCertificates.CA, Secret.of("key " + random.nextInt(3)))),
                sometimes(!isInsecure, new Login("u" + random.nextInt(3), Secret.of("p\"" + random.nextInt(3)))),
                isInsecure,
                Optional.empty());
    }

    private Mirror mirror() {
        List<URI> endpoints = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            endpoints.add(URI.create("https://m" + (i + random.nextInt(2)) + ".example"));
        }
        return new Mirror(
                endpoints.stream().distinct().toList(),
                random.nextBoolean() ? Map.of() : Map.of("^a/(.*)$", "mine/$1"));
    }

    private Map<String, Object> daemonJsonKeys() {
        Map<String, Object> keys = new LinkedHashMap<>();
        sometimes(true, random.nextBoolean()).ifPresent(value -> keys.put("live-restore", value));
        sometimes(true, random.nextBoolean()).ifPresent(value -> keys.put("debug", value));
        sometimes(true, Map.of("max-size", "10m")).ifPresent(value -> keys.put("log-opts", value));
        sometimes(true, 5).ifPresent(value -> keys.put("max-concurrent-downloads", value));
        return keys;
    }

    private <T> Optional<T> sometimes(boolean may, T value) {
        return may && random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
