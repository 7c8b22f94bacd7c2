package io.farrier.logs;

import io.farrier.sample.ContainerSample;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which containers' lines leave the node: the cluster's own parts, and workloads only where the configuration names
 * them. A pattern with slashes is {@code namespace/pod/container}, one without is a container's name; there {@code *}
 * stands for any characters but a slash. {@code image:} and {@code label:} begin patterns for the image as the container
 * was made with it, and for a label of the container or its pod. An exclusion wins over everything.
 */
public final class LogScope {
    /** Long-running and helper containers of RKE, by their Docker names (rke: services/services.go, hosts/hosts.go). */
    private static final Set<String> RKE_NAMES = Set.of(
            "etcd",
            "etcd-rolling-snapshots",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-proxy",
            "kube-scheduler",
            "kubelet",
            "nginx-proxy",
            "service-sidekick",
            "rke-log-linker",
            "rke-log-cleaner",
            "cert-deployer",
            "etcd-fix-perm",
            "etcd-snapshot-once",
            "etcd-restore");

    private static final String IMAGE = "image:";
    private static final String LABEL = "label:";

    private static final String SYSTEM_NAMESPACE = "kube-system";
    private static final String RANCHER_NAMESPACES = "cattle-";

    private final List<String> include;
    private final List<String> exclude;

    public LogScope(List<String> include, List<String> exclude) {
        this.include = List.copyOf(include);
        this.exclude = List.copyOf(exclude);
    }

    /** @param because one clause that says which rule decided */
    public record Decision(boolean ships, String because) {}

    public Decision decide(ContainerSample container) {
        for (String pattern : exclude) {
            if (matches(pattern, container)) {
                return new Decision(false, "logs.exclude has '" + pattern + "'");
            }
        }
        for (String pattern : include) {
            if (matches(pattern, container)) {
                return new Decision(true, "logs.include has '" + pattern + "'");
            }
        }
        return byDefault(container);
    }

    private static Decision byDefault(ContainerSample container) {
        if (container.role() != null) {
            return new Decision(true, "it is RKE's " + container.role());
        }
        if (container.pod() == null) {
            return RKE_NAMES.contains(container.name())
                    ? new Decision(true, "it has the name of a part of RKE")
                    : new Decision(false, "it is no part of the cluster and logs.include does not name it");
        }
        String namespace = SourceLabels.namespace(container.pod());
        if (namespace.equals(SYSTEM_NAMESPACE) || namespace.startsWith(RANCHER_NAMESPACES)) {
            return new Decision(true, "its namespace is " + namespace);
        }
        return new Decision(false, "it is a workload and logs.include does not name it");
    }

    private static boolean matches(String pattern, ContainerSample container) {
        if (pattern.startsWith(IMAGE)) {
            return Glob.matches(pattern.substring(IMAGE.length()), container.image());
        }
        if (pattern.startsWith(LABEL)) {
            return hasLabel(pattern.substring(LABEL.length()), container.labels());
        }
        String name = SourceLabels.containerName(container);
        if (pattern.indexOf('/') < 0) {
            return Glob.matchesWithinParts(pattern, container.name()) || Glob.matchesWithinParts(pattern, name);
        }
        return container.pod() != null && Glob.matchesWithinParts(pattern, container.pod() + "/" + name);
    }

    /** @param wanted {@code key=pattern}, or only the key */
    private static boolean hasLabel(String wanted, Map<String, String> labels) {
        int equals = wanted.indexOf('=');
        String value = labels.get(equals < 0 ? wanted : wanted.substring(0, equals));
        return value != null && (equals < 0 || Glob.matches(wanted.substring(equals + 1), value));
    }
}
