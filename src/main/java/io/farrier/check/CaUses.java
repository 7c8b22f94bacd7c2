package io.farrier.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.image.RegistryHost;
import io.farrier.node.NodeFiles;
import io.farrier.pki.Certificate;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * For how long each configured CA was of no use, in the state directory. Only days count on which all servers that a pull
 * needs were seen: a node that was off, or a registry that was down, makes no CA removable. One process writes.
 */
public final class CaUses {
    private static final int MAX_CAS = 1000; // of all registries; each is a line of some 200 bytes
    private static final int MAX_BYTES = 1 << 20;
    private static final int MODE = 0600;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final NodeFiles files;
    private final Path file;

    public CaUses(NodeFiles files, Path stateDir) {
        this.files = files;
        this.file = stateDir.resolve("ca-uses.json");
    }

    private record Name(String registry, String ca) {
        static Name of(RegistryHost registry, Certificate ca) {
            return new Name(registry.value(), ca.fingerprint());
        }
    }

    /**
     * @param idleDays on which a whole look was made that did not need it, since it was last used
     * @param counted the last day of a whole look
     */
    private record Use(Optional<LocalDate> lastUsed, int idleDays, Optional<LocalDate> counted) {
        static final Use NONE = new Use(Optional.empty(), 0, Optional.empty());

        Use used(LocalDate day, boolean isWhole) {
            return new Use(Optional.of(day), 0, isWhole ? Optional.of(day) : counted);
        }

        Use unused(LocalDate day) {
            return counted.equals(Optional.of(day)) ? this : new Use(lastUsed, idleDays + 1, Optional.of(day));
        }
    }

    /** Whether there was no whole look yet today for one of them. */
    synchronized boolean isDue(RegistryHost registry, Collection<Certificate> listed, Instant now) {
        Map<Name, Use> uses = read();
        return listed.stream()
                .anyMatch(ca -> !uses.getOrDefault(Name.of(registry, ca), Use.NONE)
                        .counted()
                        .equals(Optional.of(day(now))));
    }

    /** @param isWhole whether all servers that a pull needs were seen; otherwise what is not used does not count */
    synchronized void saw(
            RegistryHost registry, Collection<Certificate> listed, Set<Certificate> used, boolean isWhole, Instant now)
            throws IOException {
        Map<Name, Use> before = read();
        Map<Name, Use> after = new LinkedHashMap<>(before);
        for (Certificate ca : listed) {
            Use use = before.getOrDefault(Name.of(registry, ca), Use.NONE);
            if (used.contains(ca)) {
                after.put(Name.of(registry, ca), use.used(day(now), isWhole));
            } else if (isWhole) {
                after.put(Name.of(registry, ca), use.unused(day(now)));
            }
        }
        if (!after.equals(before)) {
            write(after);
        }
    }

    /** Forgets all but these: what is no longer configured, and comes back, begins anew. */
    synchronized void keepOnly(Map<RegistryHost, List<Certificate>> listed) throws IOException {
        Map<Name, Use> before = read();
        Map<Name, Use> after = new LinkedHashMap<>();
        listed.forEach((registry, cas) -> cas.forEach(ca -> Optional.ofNullable(before.get(Name.of(registry, ca)))
                .ifPresent(use -> after.put(Name.of(registry, ca), use))));
        if (!after.equals(before)) {
            write(after);
        }
    }

    /** Days with a whole look since it was last used, or since it is configured. */
    synchronized int idleDays(RegistryHost registry, Certificate ca) {
        return read().getOrDefault(Name.of(registry, ca), Use.NONE).idleDays();
    }

    synchronized Optional<LocalDate> lastUsed(RegistryHost registry, Certificate ca) {
        return read().getOrDefault(Name.of(registry, ca), Use.NONE).lastUsed();
    }

    private static LocalDate day(Instant now) {
        return LocalDate.ofInstant(now, ZoneOffset.UTC);
    }

    // ---- the file

    private Map<Name, Use> read() {
        try {
            FileState state = files.read(file, MAX_BYTES);
            return state.isAbsent() ? Map.of() : parse(MAPPER.readTree(state.content()));
        } catch (IOException | RuntimeException damaged) {
            return Map.of(); // counted anew: what is forgotten makes no CA removable
        }
    }

    private static Map<Name, Use> parse(JsonNode json) {
        Map<Name, Use> uses = new LinkedHashMap<>();
        for (JsonNode each : json.path("cas")) {
            uses.put(
                    new Name(each.path("registry").asText(), each.path("ca").asText()),
                    new Use(date(each, "lastUsed"), each.path("idleDays").asInt(), date(each, "counted")));
        }
        return uses;
    }

    private static Optional<LocalDate> date(JsonNode json, String field) {
        return json.hasNonNull(field)
                ? Optional.of(LocalDate.parse(json.path(field).asText()))
                : Optional.empty();
    }

    private void write(Map<Name, Use> uses) throws IOException {
        ObjectNode json = MAPPER.createObjectNode();
        ArrayNode list = json.putArray("cas");
        // The newest come last and stay.
        List<Map.Entry<Name, Use>> entries = new ArrayList<>(uses.entrySet());
        entries.subList(Math.max(0, entries.size() - MAX_CAS), entries.size()).forEach(entry -> {
            ObjectNode each = list.addObject()
                    .put("registry", entry.getKey().registry())
                    .put("ca", entry.getKey().ca())
                    .put("idleDays", entry.getValue().idleDays());
            entry.getValue().lastUsed().ifPresent(day -> each.put("lastUsed", day.toString()));
            entry.getValue().counted().ifPresent(day -> each.put("counted", day.toString()));
        });
        files.write(file, FileState.of(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json), MODE));
    }
}
