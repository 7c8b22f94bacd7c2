package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.Mode;
import io.farrier.finding.Finding;
import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.registry.Examination;
import io.farrier.registry.ListedCas;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Which configured CAs does nobody need any more? Once a day each registry is looked at with an image of it, so that its
 * token server and the store of its blobs are seen as well: the runtime trusts those with the same CAs.
 */
public final class CaUseCheck implements Check {
    /** Somebody mends what keeps a look from being whole; until then its login is not asked for all the time. */
    private static final Duration UNTIL_TRIED_AGAIN = Duration.ofHours(1);

    private final Supplier<FarrierConfig> config;
    private final Look look;
    private final CaUses uses;
    private final Map<RegistryHost, Instant> looked = new HashMap<>();

    /** A registry as this node's runtime sees it, with one image of it. */
    @FunctionalInterface
    public interface Look {
        /** For whom nothing is to be noted: what is known is only told. */
        Look NONE = registry -> Optional.empty();

        /** @return empty when no image of it is known */
        Optional<Examination> at(Registry registry) throws IOException;
    }

    public CaUseCheck(Supplier<FarrierConfig> config, Look look, CaUses uses) {
        this.config = config;
        this.look = look;
        this.uses = uses;
    }

    @Override
    public String name() {
        return "the use of CAs";
    }

    @Override
    public synchronized List<Finding> run(Instant now) throws IOException {
        Map<RegistryHost, ListedCas> listed = new LinkedHashMap<>();
        for (Registry registry : config.get().registries()) {
            if (registry.ca().isPresent() && !registry.mode().equals(Optional.of(Mode.OFF))) {
                listed.put(registry.host(), ListedCas.of(registry.ca().get()));
            }
        }
        if (look != Look.NONE) {
            lookAtOne(listed, now);
        }
        return removable(listed, now);
    }

    /** One a round: a registry that hangs must not use up the time of the others. */
    private void lookAtOne(Map<RegistryHost, ListedCas> listed, Instant now) throws IOException {
        Map<RegistryHost, List<Certificate>> all = new LinkedHashMap<>();
        listed.forEach((host, cas) -> all.put(host, cas.all()));
        uses.keepOnly(all);
        for (Registry registry : config.get().registries()) {
            ListedCas cas = listed.get(registry.host());
            if (cas != null && mayLook(registry.host(), now) && uses.isDue(registry.host(), cas.all(), now)) {
                looked.put(registry.host(), now);
                lookAt(registry, cas, now);
                return;
            }
        }
    }

    private boolean mayLook(RegistryHost host, Instant now) {
        Instant last = looked.get(host);
        return last == null || !now.isBefore(last.plus(UNTIL_TRIED_AGAIN));
    }

    private void lookAt(Registry registry, ListedCas cas, Instant now) throws IOException {
        Optional<Examination> seen = look.at(registry).filter(Examination::hasAll);
        if (seen.isPresent() && cas.uncovered(seen.get().served(), now).isEmpty()) {
            uses.saw(registry.host(), cas.all(), cas.used(seen.get().served(), now), true, now);
        }
    }

    private List<Finding> removable(Map<RegistryHost, ListedCas> listed, Instant now) {
        int days = Math.toIntExact(config.get().findings().caUnused().toDays());
        List<Finding> findings = new ArrayList<>();
        listed.forEach((host, cas) -> cas.all().stream()
                .filter(ca -> uses.idleDays(host, ca) >= days)
                .map(ca -> Catalogue.caRemovable(host, ca, uses.idleDays(host, ca), uses.lastUsed(host, ca), now))
                .forEach(findings::add));
        return findings;
    }
}
