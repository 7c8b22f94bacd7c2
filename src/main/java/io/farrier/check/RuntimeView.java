package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.pki.GoVersion;
import io.farrier.registry.Anchors;
import io.farrier.registry.Door;
import io.farrier.registry.Examination;
import io.farrier.registry.ProxyAddress;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryFault;
import io.farrier.registry.RegistryProbe;
import io.farrier.route.Hop;
import io.farrier.route.ProxyRules;
import io.farrier.route.Rules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Registries as this node's runtime sees them: with the certificates that lie there now, whoever put them there, the
 * insecure registries and mirrors in effect, and the proxy of its process. dockerd and containerd read their trust the
 * same way at every pull.
 */
public final class RuntimeView implements RegistryQuestion {
    private final String runtime;
    private final Rules rules;
    private final TrustFiles trustFiles;
    private final GoVersion go;
    private final ProxyRules proxies;
    private final Optional<RuntimeProcess> process;
    private final Function<RegistryHost, Registry> registries;
    private final RegistryProbe probe;

    /**
     * @param runtime {@code docker}, or {@code containerd} for everything that speaks CRI
     * @param process empty where none is looked into
     * @param registries the logins that are configured
     */
    public RuntimeView(
            String runtime,
            Rules rules,
            NodeFiles files,
            Optional<RuntimeProcess> process,
            Function<RegistryHost, Registry> registries,
            RegistryProbe probe) {
        this.runtime = runtime;
        this.rules = rules;
        this.trustFiles = new TrustFiles(files, !runtime.equals("docker"));
        this.go = process.flatMap(RuntimeProcess::go).orElse(GoVersion.NEWEST);
        this.proxies = process.map(RuntimeProcess::proxies).orElse(ProxyRules.NONE);
        this.process = process;
        this.registries = registries;
        this.probe = probe;
    }

    public String runtime() {
        return runtime;
    }

    /** In whose words the verdicts are. */
    public String go() {
        return go.toString();
    }

    @Override
    public Verdict ask(FarrierConfig.Registry configured) {
        return Verdict.of(look(configured.host(), List.of()));
    }

    /** One registry by its own name, and whether it has these images. */
    public RegistryReport probe(RegistryHost host, List<Reference> references) {
        return RegistryReport.of(look(host, references));
    }

    /** The same, with all that was seen on the way. */
    public Examination look(RegistryHost host, List<Reference> references) {
        List<Hop> hops = rules.endpoint(host);
        Map<Reference, String> targets = new LinkedHashMap<>();
        Hop first = hops.get(0);
        for (Reference reference : references) {
            targets.put(reference, withRepository(first, reference).target(reference));
        }
        return examine(hops, host, targets);
    }

    private static Hop withRepository(Hop hop, Reference reference) {
        return new Hop(
                hop.scheme(),
                hop.host(),
                hop.path(),
                reference.path(),
                Optional.empty(),
                hop.trust(),
                hop.login(),
                hop.because());
    }

    /**
     * One endpoint the runtime will try, and what it would meet there.
     *
     * @param url of the manifest, after all rewrites
     * @param trust where its trust comes from
     * @param login the user of the login that the runtime has for it
     */
    public record Stop(String url, String because, String trust, Optional<String> login, RegistryReport seen) {}

    /** The endpoints for an image, in order. */
    public List<Stop> why(Reference reference) {
        List<Stop> stops = new ArrayList<>();
        for (Hop hop : rules.route(reference)) {
            Map<Reference, String> target = Map.of(reference, hop.target(reference));
            RegistryReport seen = RegistryReport.of(examine(List.of(hop), new RegistryHost(hop.host()), target));
            stops.add(new Stop(hop.url(reference), hop.because(), hop.trust().words(), hop.login(), seen));
        }
        return stops;
    }

    private Examination examine(List<Hop> hops, RegistryHost host, Map<Reference, String> targets) {
        List<Door> doors = new ArrayList<>();
        for (Hop hop : hops) {
            try {
                doors.add(door(hop, trustFiles.read(hop.trust())));
            } catch (IOException broken) {
                return broken(hop, String.valueOf(broken.getMessage()));
            }
        }
        return probe.examine(doors, registries.apply(host), targets);
    }

    private Door door(Hop hop, Anchors anchors) throws IOException {
        RegistryHost host = new RegistryHost(hop.host());
        Door direct = Door.at(host, hop.isPlain(), anchors, Optional.empty(), go);
        Optional<ProxyAddress> proxy = proxies.of(hop.scheme(), direct.name(), direct.port())
                .map(found -> new ProxyAddress(
                        found.host(),
                        found.port(),
                        process.map(its -> its.origin(found.variable())).orElse(found.variable())));
        return proxy.isEmpty() ? direct : Door.at(host, hop.isPlain(), anchors, proxy, go);
    }

    private Examination broken(Hop hop, String words) {
        return Examination.failed(
                Door.unopened(new RegistryHost(hop.host()), go),
                new RegistryFault(
                        RegistryFault.Kind.TRUST_FILES,
                        words,
                        "Every pull from " + hop.host() + " fails until the files of its trust are whole.",
                        "farrier plan"));
    }
}
