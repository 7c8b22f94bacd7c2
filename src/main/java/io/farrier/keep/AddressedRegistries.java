package io.farrier.keep;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import io.farrier.runtime.RuntimeInfo;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kept file, with what its runtime cannot do for registries that are named by an IPv6 address (SAFETY 22). Tried with
 * Docker 20.10 and 26.1 and containerd 1.6 and 1.7: the older ones say "invalid reference format" to every image of such a
 * registry, and all four use it as the endpoint of a mirror.
 */
public final class AddressedRegistries<S> implements Resource<S> {
    /** distribution/reference 0.5, the first that takes brackets, came with it. */
    private static final Version DOCKER_NAMES = new Version(25, 0);

    private static final Version CONTAINERD_NAMES = new Version(1, 7);

    /** go-toml 1, up to here, reads no table whose name has a bracket. */
    private static final Version CONTAINERD_READS_TABLES = new Version(2, 0);

    private final Resource<S> resource;
    private final FarrierConfig config;
    private final boolean isGenerated;
    private final Runtime runtime;

    /** {@code ContainerRuntime::info}. */
    @FunctionalInterface
    public interface Runtime {
        RuntimeInfo info() throws IOException;
    }

    /** @param isGenerated for registries.yaml, of which k3s and RKE2 make files for their containerd */
    public AddressedRegistries(Resource<S> resource, FarrierConfig config, boolean isGenerated, Runtime runtime) {
        this.resource = resource;
        this.config = config;
        this.isGenerated = isGenerated;
        this.runtime = runtime;
    }

    private record Version(int major, int minor) {
        private static final Pattern TEXT = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4}).*");

        static Optional<Version> parse(String text) {
            Matcher numbers = TEXT.matcher(text);
            return numbers.matches()
                    ? Optional.of(new Version(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2))))
                    : Optional.empty();
        }

        boolean isBefore(Version other) {
            return major < other.major || (major == other.major && minor < other.minor);
        }
    }

    @Override
    public FilePlan plan(S observed, Allowance allowance) {
        FilePlan plan = resource.plan(observed, allowance);
        List<String> named = named();
        List<String> endpoints = endpoints();
        if (plan.refusal().isPresent() || (named.isEmpty() && endpoints.isEmpty())) {
            return plan;
        }
        Optional<RuntimeInfo> info = info();
        Optional<Version> version = info.flatMap(known -> Version.parse(known.version()));
        if (isGenerated
                && !version.map(known -> !known.isBefore(CONTAINERD_READS_TABLES))
                        .orElse(false)) {
            return refused(named.isEmpty() ? endpoints : named);
        }
        return version.isPresent() && version.get().isBefore(firstThatNames(info.get()))
                ? saying(
                        plan,
                        named.stream().filter(host -> !endpoints.contains(host)).toList(),
                        info.get())
                : plan;
    }

    /** As image references name them. */
    private List<String> named() {
        List<String> hosts = new ArrayList<>();
        config.registries().forEach(registry -> hosts.add(registry.host().value()));
        hosts.addAll(config.mirrors().keySet());
        return hosts.stream().filter(AddressedRegistries::isAddress).distinct().toList();
    }

    private List<String> endpoints() {
        return config.mirrors().values().stream()
                .flatMap(mirror -> mirror.endpoints().stream())
                .map(URI::getRawAuthority)
                .filter(AddressedRegistries::isAddress)
                .distinct()
                .toList();
    }

    private static boolean isAddress(String host) {
        return host.startsWith("[");
    }

    private static Version firstThatNames(RuntimeInfo info) {
        return info.name().equals("docker") ? DOCKER_NAMES : CONTAINERD_NAMES;
    }

    private Optional<RuntimeInfo> info() {
        try {
            return Optional.of(runtime.info());
        } catch (IOException silent) {
            return Optional.empty();
        }
    }

    /** Which version is there is not known while it does not answer, and a node that does not start is worse. */
    private FilePlan refused(List<String> hosts) {
        return FilePlan.refused(
                name(),
                new Reason(
                        "Tried to plan " + name() + " with " + String.join(", ", hosts),
                        "what is generated of it has a table with that address as its name, and containerd before 2.0 reads"
                                + " no such file (\"table key cannot contain ']'\").",
                        "Give the registry a name in DNS or /etc/hosts, and a certificate with that name."));
    }

    private FilePlan saying(FilePlan plan, List<String> hosts, RuntimeInfo info) {
        List<Withheld> withheld = new ArrayList<>(plan.withheld());
        hosts.forEach(host -> withheld.add(new Withheld(
                new Change(
                        Kind.ADD,
                        host,
                        Optional.empty(),
                        Optional.of("images named " + host + "/..."),
                        registry(host),
                        Optional.empty()),
                info.name() + " " + info.version()
                        + " takes no IPv6 address in an image's name ('invalid reference format'); it can only be an endpoint"
                        + " of 'mirrors'. Give the registry a name in DNS or /etc/hosts, and a certificate with that name.",
                List.of())));
        return new FilePlan(
                plan.resource(), plan.edits(), plan.changes(), withheld, plan.refusal(), plan.remarks(), plan.claims());
    }

    private static Optional<RegistryHost> registry(String host) {
        return Optional.of(RegistryHost.parse(host));
    }

    // The rest is the file's own

    @Override
    public ResourceName name() {
        return resource.name();
    }

    @Override
    public List<Path> watched() {
        return resource.watched();
    }

    @Override
    public S observe() throws IOException {
        return resource.observe();
    }

    @Override
    public Optional<Reason> objection(FilePlan plan) throws IOException {
        return resource.objection(plan);
    }

    @Override
    public FilePlan planRestore(S observed) {
        return resource.planRestore(observed);
    }
}
