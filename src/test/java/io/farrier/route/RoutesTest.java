package io.farrier.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Docker's and containerd's own orders are compared with the real daemons in {@code WhyIT}; k3s' rules are FACTS 2.1. */
final class RoutesTest {
    private static final Addresses NOBODY = host -> List.of();

    // ---- Docker

    @Test
    void dockerAsksItsMirrorsForTheHubOnly() {
        Rules docker = new DockerRules(List.of(), List.of("https://m.example/", "http://n.example:5000/"), NOBODY);

        assertThat(urls(docker, "busybox:1"))
                .containsExactly(
                        "https://m.example/v2/library/busybox/manifests/1",
                        "http://n.example:5000/v2/library/busybox/manifests/1",
                        "https://registry-1.docker.io/v2/library/busybox/manifests/1");
        assertThat(urls(docker, "reg.example/busybox:1")).containsExactly("https://reg.example/v2/busybox/manifests/1");
    }

    @Test
    void dockerTriesAnInsecureRegistryWithTlsFirst() {
        Rules docker = new DockerRules(
                List.of("a.example:5000", "10.0.0.0/8", "fd00::/8"),
                List.of(),
                host -> host.equals("b.example") ? List.of(address("10.1.2.3")) : literal(host));

        assertThat(docker.route(Reference.parse("a.example:5000/x:1")))
                .extracting(Hop::scheme)
                .containsExactly("https", "http");
        assertThat(urls(docker, "a.example/x:1")).hasSize(1);
        assertThat(urls(docker, "b.example:7000/x:1")).hasSize(2);
        assertThat(urls(docker, "[fd00::7]:5000/x:1")).hasSize(2);
        assertThat(urls(docker, "127.3.2.1:5000/x:1")).hasSize(2);
        assertThat(urls(docker, "[2001:db8::1]:5000/x:1"))
                .containsExactly("https://[2001:db8::1]:5000/v2/x/manifests/1");
    }

    @Test
    void dockersTrustIsTheFolderOfTheSameNameAndNeverForTheHub() {
        Rules docker = new DockerRules(List.of(), List.of("https://m.example:5000/"), NOBODY);

        assertThat(docker.route(Reference.parse("busybox")))
                .extracting(hop -> hop.trust().words())
                .containsExactly("the system's roots and /etc/docker/certs.d/m.example:5000", "the system's roots");
    }

    // ---- containerd

    @Test
    void containerdAsksTheHostsInOrderAndThenTheServer() {
        HostsRules.Host first = host("https://m.example:5000/hub", List.of(), false);
        HostsRules.Host second = host("http://n.example/raw", List.of("pull", "resolve"), true);
        HostsRules.Host pushOnly = host("https://p.example", List.of("push"), false);
        Rules containerd = hosts("docker.io", Optional.empty(), first, second, pushOnly);

        assertThat(urls(containerd, "busybox:1"))
                .containsExactly(
                        "https://m.example:5000/hub/v2/library/busybox/manifests/1?ns=docker.io",
                        "http://n.example/raw/library/busybox/manifests/1?ns=docker.io",
                        "https://registry-1.docker.io/v2/library/busybox/manifests/1");
        assertThat(urls(containerd, "other.example/x:1")).containsExactly("https://other.example/v2/x/manifests/1");
    }

    @ParameterizedTest
    @CsvSource({
        "reg.example:5000,reg.example_5000_",
        "reg.example:5000,reg.example:5000",
        "reg.example:5000,_default",
        "'[2001:db8::1]:5000','[2001:db8::1]_5000_'"
    })
    void containerdFindsTheFolderOfARegistry(String registry, String folder) {
        Rules containerd = hosts(folder, Optional.of("https://real.example"));

        assertThat(urls(containerd, registry + "/x:1"))
                .containsExactly("https://real.example/v2/x/manifests/1?ns=" + registry);
    }

    @Test
    void withoutHostsTomlContainerdTakesTheCertificatesThatLieThere() {
        Rules containerd = new HostsRules(
                Optional.of("/etc/containerd/certs.d"), Map.of("reg.example", new HostsRules.Folder(Optional.empty())));

        assertThat(containerd
                        .endpoint(RegistryHost.parse("reg.example"))
                        .get(0)
                        .trust()
                        .folder())
                .contains("/etc/containerd/certs.d/reg.example");
    }

    @Test
    void aMirrorIsOpenedAsTheRegistryThatNamesItSays() {
        Rules containerd = hosts("docker.io", Optional.empty(), host("https://m.example:5000", List.of(), false));

        assertThat(containerd
                        .endpoint(RegistryHost.parse("m.example:5000"))
                        .get(0)
                        .trust()
                        .caFiles())
                .containsExactly("/ca.crt");
    }

    // ---- k3s

    @Test
    void k3sRewritesForMirrorsAndNotForTheRegistryItself() {
        Map<String, String> rewrites = new LinkedHashMap<>();
        rewrites.put("^rancher/(.*)", "mirrors/rancher/${1}");
        rewrites.put(".*", "never");
        Rules k3s = k3s(Map.of(
                "docker.io",
                new RegistriesRules.Mirror(
                        List.of(
                                "https://reg.example:5000",
                                "n.example",
                                "localhost:5000",
                                "https://h.example/proxy/v2"),
                        rewrites)));

        assertThat(urls(k3s, "rancher/pause:3.6"))
                .containsExactly(
                        "https://reg.example:5000/v2/mirrors/rancher/pause/manifests/3.6?ns=docker.io",
                        "https://n.example/v2/mirrors/rancher/pause/manifests/3.6?ns=docker.io",
                        "http://localhost:5000/v2/mirrors/rancher/pause/manifests/3.6?ns=docker.io",
                        "https://h.example/proxy/v2/mirrors/rancher/pause/manifests/3.6?ns=docker.io",
                        "https://registry-1.docker.io/v2/rancher/pause/manifests/3.6");
    }

    @Test
    void k3sAsksForAnyRegistryWhatTheStarSaysUnlessTheRegistryHasAnEntry() {
        Rules k3s = k3s(Map.of(
                "*", new RegistriesRules.Mirror(List.of("https://any.example"), Map.of()),
                "own.example", new RegistriesRules.Mirror(List.of(), Map.of())));

        assertThat(urls(k3s, "quay.io/x:1"))
                .containsExactly("https://any.example/v2/x/manifests/1?ns=quay.io", "https://quay.io/v2/x/manifests/1");
        assertThat(urls(k3s, "own.example/x:1")).containsExactly("https://own.example/v2/x/manifests/1");
    }

    @Test
    void k3sTakesTheLoginAndTrustOfTheEndpointsOwnHost() {
        TrustRule trust = new TrustRule(true, Optional.empty(), List.of("/ca.pem"), Optional.empty());
        Rules k3s = new RegistriesRules(
                "registries.yaml",
                Map.of("docker.io", new RegistriesRules.Mirror(List.of("https://reg.example:5000"), Map.of())),
                Map.of(
                        "reg.example:5000", new RegistriesRules.Config(trust, Optional.of("robot")),
                        "docker.io", new RegistriesRules.Config(TrustRule.NOBODY, Optional.empty())),
                true);

        List<Hop> hops = k3s.route(Reference.parse("busybox"));

        assertThat(hops.get(0).login()).contains("robot");
        assertThat(hops.get(0).trust()).isEqualTo(trust);
        assertThat(hops.get(1).trust()).isEqualTo(TrustRule.NOBODY);
    }

    private static Rules k3s(Map<String, RegistriesRules.Mirror> mirrors) {
        return new RegistriesRules("registries.yaml", mirrors, Map.of(), true);
    }

    // ---- proxies

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            -,                     reg.example,      443,  proxy
            *,                     reg.example,      443,  -
            reg.example,           reg.example,      443,  -
            example,               reg.example,      443,  -
            .example,              reg.example,      443,  -
            .reg.example,          reg.example,      443,  proxy
            *.example,             reg.example,      443,  -
            ample,                 reg.example,      443,  proxy
            REG.example,           reg.EXAMPLE,      443,  -
            reg.example:5000,      reg.example,      5000, -
            reg.example:5000,      reg.example,      443,  proxy
            10.0.0.0/8,            10.1.2.3,         443,  -
            10.0.0.0/8,            11.1.2.3,         443,  proxy
            10.0.0.0/8,            reg.example,      443,  proxy
            10.1.2.3,              10.1.2.3,         443,  -
            2001:db8::/32,         2001:db8::1,      5000, -
            2001:db8::1,           2001:db8:0:0::1,  5000, -
            [2001:db8::1]:5000,    2001:db8::1,      5000, -
            [2001:db8::1]:5000,    2001:db8::1,      443,  proxy
            -,                     localhost,        5000, -
            -,                     127.0.0.9,        5000, -
            -,                     ::1,              5000, -
            """)
    void goesThroughAProxyAsGoDoes(String noProxy, String host, int port, String expected) {
        ProxyRules rules = new ProxyRules(
                noProxy == null
                        ? Map.of("HTTPS_PROXY", "http://user:secret@proxy:3128/")
                        : Map.of("https_proxy", "proxy:3128", "NO_PROXY", "other, " + noProxy));

        assertThat(rules.of("https", host, port).map(ProxyRules.Proxy::host)).isEqualTo(Optional.ofNullable(expected));
        assertThat(rules.of("http", host, port)).isEmpty();
    }

    // ---- what is needed for this

    private static List<String> urls(Rules rules, String image) {
        Reference reference = Reference.parse(image);
        return rules.route(reference).stream().map(hop -> hop.url(reference)).toList();
    }

    private static HostsRules.Host host(String url, List<String> capabilities, boolean overridePath) {
        TrustRule trust = new TrustRule(true, Optional.empty(), List.of("/ca.crt"), Optional.empty());
        return new HostsRules.Host(url, capabilities, overridePath, false, trust);
    }

    private static Rules hosts(String folder, Optional<String> server, HostsRules.Host... hosts) {
        return new HostsRules(
                Optional.of("/etc/containerd/certs.d"),
                Map.of(
                        folder,
                        new HostsRules.Folder(Optional.of(new HostsRules.HostsFile(
                                server, host(server.orElse(""), List.of(), false), List.of(hosts))))));
    }

    private static List<byte[]> literal(String host) {
        return host.matches("[0-9.]+|.*:.*") ? List.of(address(host)) : List.of();
    }

    private static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
