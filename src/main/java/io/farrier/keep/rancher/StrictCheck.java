package io.farrier.keep.rancher;

import io.farrier.document.RegistriesYaml;
import io.farrier.keep.Proposals;
import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Says what k3s takes without a word and does not do: FACTS 10.15. */
final class StrictCheck {
    private static final String NOT_OURS = " It is not farrier's to change.";

    private final RegistriesYaml document;
    private final String distribution;
    private final Proposals proposals;

    StrictCheck(RegistriesYaml document, String distribution, Proposals proposals) {
        this.document = document;
        this.distribution = distribution;
        this.proposals = proposals;
    }

    void say() {
        document.ignored()
                .forEach(ignored -> proposals.withhold(
                        change(ignored.path().toString(), "line " + ignored.line() + ", column " + ignored.column()),
                        distribution + " ignores this key in silence. " + ignored.hint() + NOT_OURS));
        Set<String> asked = askedHosts();
        for (String config : document.configs()) {
            if (!config.equals("*") && !asked.contains(config)) {
                proposals.withhold(change("configs.\"" + config + "\"", "for nobody"), nobodyAsks(config, asked));
            }
        }
    }

    private static Change change(String key, String where) {
        return new Change(Kind.REMOVE, key, Optional.of(where), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Every host that is asked for some image: endpoints, and each registry with mirrors, which comes last. */
    private Set<String> askedHosts() {
        Set<String> asked = new TreeSet<>();
        document.mirrors().forEach((name, mirror) -> {
            asked.add(name);
            mirror.endpoints().forEach(endpoint -> asked.add(hostOf(endpoint)));
        });
        boolean asksHub = asked.contains("docker.io") || asked.contains(RegistriesWishes.HUB_ENDPOINT);
        asked.addAll(asksHub ? Set.of("docker.io", RegistriesWishes.HUB_ENDPOINT) : Set.of());
        return asked;
    }

    private static String hostOf(String endpoint) {
        return endpoint.replaceFirst("^[A-Za-z]+://", "").replaceFirst("/.*$", "");
    }

    private String nobodyAsks(String config, Set<String> asked) {
        String likely = asked.stream()
                .filter(host -> name(host).equals(name(config))
                        || host.startsWith(name(config))
                        || config.startsWith(name(host)))
                .findFirst()
                .map(host -> " Did you mean '" + host + "'?")
                .orElse(" Add a mirrors entry for it.");
        return "no mirrors entry has an endpoint with this host and port, so " + distribution
                + " uses neither its CA nor its login there." + likely + NOT_OURS;
    }

    private static String name(String host) {
        return host.replaceFirst(":[0-9]+$", "");
    }
}
