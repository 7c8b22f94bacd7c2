package io.farrier.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.image.RegistryHost;
import io.farrier.image.Sha256;
import io.farrier.node.LockFile;
import io.farrier.node.NodeFiles;
import io.farrier.node.NodeLock;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Refused logins in the state directory, for all of farrier's processes on this node and over restarts: after a refusal
 * the same password waits 15 minutes, then twice as long each time, a day at most; and an account is tried with no more
 * than three wrong passwords an hour, whichever they are. The file has no password, only salted hashes.
 */
public final class RefusedLogins implements LoginMemory {
    private static final Duration FIRST_WAIT = Duration.ofMinutes(15);
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);
    private static final int AN_HOUR = 3;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration FORGOTTEN_AFTER = Duration.ofDays(7);
    private static final int MAX_REFUSALS = 1000; // of all registries; beyond it the oldest are forgotten
    private static final int MAX_BYTES = 1 << 20;
    private static final int SALT_BYTES = 16;
    private static final int MODE = 0600;
    private static final Duration PATIENCE = Duration.ofSeconds(10); // others hold the lock for one small write

    /** Loaded when there is something to read or write, not when an agent starts. */
    private static final class Json {
        private static final ObjectMapper MAPPER = new ObjectMapper();
    }

    private final NodeFiles files;
    private final Path file;
    private final NodeLock lock;
    private final Clock clock;

    public RefusedLogins(NodeFiles files, Path stateDir, Clock clock) {
        this.files = files;
        this.file = stateDir.resolve("refused-logins.json");
        this.lock = new NodeLock(files, stateDir.resolve("refused-logins.lock"), PATIENCE);
        this.clock = clock;
    }

    private record Refusal(String registry, String user, String secret, Instant at) {}

    private record Memory(String salt, List<Refusal> refusals) {}

    @Override
    public Optional<Instant> heldUntil(RegistryHost host, Registry.Login login) {
        Memory memory = read();
        Instant now = clock.instant();
        List<Refusal> ofAccount = ofAccount(memory, host, login);
        List<Refusal> ofSecret = ofAccount.stream()
                .filter(refusal -> refusal.secret().equals(hash(memory, login)))
                .toList();
        Optional<Instant> bySecret = last(ofSecret).map(at -> at.plus(waitAfter(ofSecret.size())));
        return bySecret.filter(now::isBefore).or(() -> byAccount(ofAccount, now));
    }

    private static Duration waitAfter(int refusals) {
        Duration wait = FIRST_WAIT;
        for (int i = 1; i < refusals && wait.compareTo(LONGEST_WAIT) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    }

    /** The third refusal of this hour holds every password of the account until the first of them is an hour old. */
    private static Optional<Instant> byAccount(List<Refusal> refusals, Instant now) {
        List<Instant> ofThisHour = refusals.stream()
                .map(Refusal::at)
                .filter(at -> at.isAfter(now.minus(HOUR)))
                .sorted()
                .toList();
        return ofThisHour.size() < AN_HOUR
                ? Optional.empty()
                : Optional.of(ofThisHour.get(ofThisHour.size() - AN_HOUR).plus(HOUR));
    }

    private static Optional<Instant> last(List<Refusal> refusals) {
        return refusals.stream().map(Refusal::at).max(Comparator.naturalOrder());
    }

    private static List<Refusal> ofAccount(Memory memory, RegistryHost host, Registry.Login login) {
        return memory.refusals().stream()
                .filter(refusal -> refusal.registry().equals(host.value()))
                .filter(refusal -> refusal.user().equals(login.username()))
                .toList();
    }

    @Override
    public void refused(RegistryHost host, Registry.Login login) {
        change(memory -> {
            List<Refusal> refusals = new ArrayList<>(memory.refusals());
            refusals.add(new Refusal(host.value(), login.username(), hash(memory, login), clock.instant()));
            return refusals;
        });
    }

    @Override
    public void accepted(RegistryHost host, Registry.Login login) {
        if (ofAccount(read(), host, login).isEmpty()) {
            return; // the usual case writes nothing
        }
        change(memory -> {
            List<Refusal> refusals = new ArrayList<>(memory.refusals());
            refusals.removeAll(ofAccount(memory, host, login));
            return refusals;
        });
    }

    private interface Change {
        List<Refusal> of(Memory memory);
    }

    /** What cannot be written is not remembered: a full disk must not keep a node from its images. */
    private void change(Change change) {
        try (LockFile held = lock.take()) {
            Memory memory = read();
            Instant oldest = clock.instant().minus(FORGOTTEN_AFTER);
            List<Refusal> kept = change.of(memory).stream()
                    .filter(refusal -> refusal.at().isAfter(oldest))
                    .sorted(Comparator.comparing(Refusal::at).reversed())
                    .limit(MAX_REFUSALS)
                    .toList();
            files.write(file, FileState.of(bytes(new Memory(memory.salt(), kept)), MODE));
        } catch (IOException notRemembered) {
            return;
        }
    }

    // ---- the file

    private Memory read() {
        try {
            FileState state = files.read(file, MAX_BYTES);
            if (!state.isAbsent()) {
                return parse(Json.MAPPER.readTree(state.content()));
            }
        } catch (IOException | RuntimeException damaged) {
            // Made anew by the next refusal.
        }
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return new Memory(HexFormat.of().formatHex(salt), List.of());
    }

    private static Memory parse(JsonNode json) {
        List<Refusal> refusals = new ArrayList<>();
        for (JsonNode each : json.path("refusals")) {
            refusals.add(new Refusal(
                    each.path("registry").asText(),
                    each.path("user").asText(),
                    each.path("secret").asText(),
                    Instant.parse(each.path("at").asText())));
        }
        return new Memory(json.path("salt").asText(), refusals);
    }

    private static byte[] bytes(Memory memory) throws IOException {
        ObjectNode json = Json.MAPPER.createObjectNode().put("salt", memory.salt());
        ArrayNode list = json.putArray("refusals");
        memory.refusals()
                .forEach(refusal -> list.addObject()
                        .put("registry", refusal.registry())
                        .put("user", refusal.user())
                        .put("secret", refusal.secret())
                        .put("at", refusal.at().toString()));
        return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    }

    private static String hash(Memory memory, Registry.Login login) {
        return Sha256.hex(
                memory.salt().getBytes(StandardCharsets.US_ASCII),
                login.password().reveal().getBytes(StandardCharsets.UTF_8));
    }
}
