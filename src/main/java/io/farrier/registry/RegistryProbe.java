package io.farrier.registry;

import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.pki.ServerChain;
import io.farrier.registry.Examination.Authentication;
import io.farrier.registry.Examination.Image;
import io.farrier.registry.Examination.Served;
import io.farrier.registry.RegistryFault.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at a registry from this node as a runtime would, step by step, and names everything that is wrong at once. A
 * registry is hostile until proven otherwise: nothing is followed, all is bounded, a login goes to its own host and to
 * allowed token servers only.
 */
public final class RegistryProbe {
    private static final int MAX_PING_BYTES = 64 * 1024;
    private static final Duration SKEW = Duration.ofMinutes(2); // Date has seconds; below this nothing breaks

    private final Names names;
    private final Clock clock;
    private final LoginMemory logins;

    public RegistryProbe(Names names, Clock clock, LoginMemory logins) {
        this.names = names;
        this.clock = clock;
        this.logins = logins;
    }

    /** Whether a runtime would accept it; no login is used. Never throws for what a registry or the network may do. */
    public Examination examine(List<Door> doors) {
        Door last = doors.get(doors.size() - 1);
        for (Door door : doors) {
            Examination seen = examine(door);
            if (seen.isGood() || door.equals(last)) {
                return seen;
            }
        }
        throw new IllegalArgumentException("a registry has at least one door");
    }

    /**
     * The same, and whether it has these images, with the login that is configured.
     *
     * @param targets path and query of each image's manifest, as the runtime asks for it
     */
    public Examination examine(List<Door> doors, Registry registry, Map<Reference, String> targets) {
        Examination seen = examine(doors);
        if (!seen.isGood() || targets.isEmpty()) {
            return seen;
        }
        Door door = seen.door();
        List<Served> served = new ArrayList<>(seen.served());
        Session session = new Session(door, registry, names, clock, logins, served::add);
        ImageLook look = new ImageLook(door, session, names, clock, Platform.ofThisNode(), served::add);
        List<Image> images = new ArrayList<>();
        for (Map.Entry<Reference, String> target : targets.entrySet()) {
            images.add(look.at(target.getKey(), target.getValue()));
        }
        return new Examination(door, seen.faults(), seen.certificate(), seen.authentication(), images, served);
    }

    private Examination examine(Door door) {
        try (Wire wire = Wire.open(door, names, clock)) {
            HttpWords.Answer answer = wire.ask(new HttpWords.Question("GET", "/v2/", Map.of(), MAX_PING_BYTES));
            return pinged(door, wire.chain(), answer);
        } catch (ProbeException failed) {
            return new Examination(
                    door,
                    withClock(door, failed.faults()),
                    Optional.empty(),
                    Authentication.UNKNOWN,
                    List.of(),
                    served(door, failed.chain()));
        }
    }

    /** A registry answers {@code GET /v2/} with 200, or with 401 and a challenge. */
    private Examination pinged(Door door, Optional<ServerChain> chain, HttpWords.Answer answer) {
        List<RegistryFault> faults = new ArrayList<>();
        Authentication authentication = authentication(answer);
        if (authentication == Authentication.UNKNOWN) {
            faults.add(noRegistry(door, answer));
        }
        return new Examination(
                door, faults, chain.map(ServerChain::leaf), authentication, List.of(), served(door, chain));
    }

    private static List<Served> served(Door door, Optional<ServerChain> chain) {
        return chain.map(shown -> new Served(door, shown)).stream().toList();
    }

    private static Authentication authentication(HttpWords.Answer answer) {
        if (answer.status() == 200) {
            return Authentication.NONE;
        }
        Challenge challenge = Challenge.parse(answer.header("www-authenticate").orElse(""));
        if (answer.status() != 401 || !(challenge.isBasic() || challenge.isBearer())) {
            return Authentication.UNKNOWN;
        }
        return challenge.isBasic() ? Authentication.BASIC : Authentication.BEARER;
    }

    private static RegistryFault noRegistry(Door door, HttpWords.Answer answer) {
        boolean wantsTls = door.plain() && answer.status() == 400;
        return wantsTls
                ? Faults.tlsOnPlainPort(door, "GET /v2/ answered 400: Client sent an HTTP request to an HTTPS server.")
                : Faults.fault(
                        Kind.NO_REGISTRY,
                        "GET /v2/ answered " + answer.status(),
                        "What answers at " + door.host() + " is no registry, or a proxy in front of it lost the path.",
                        "curl -vk " + door.url() + "/v2/");
    }

    // ---- the clock

    /** A date in a certificate is only as wrong as this node's clock: the registry's is asked, as a hint. */
    private List<RegistryFault> withClock(Door door, List<RegistryFault> faults) {
        boolean isAboutDates = faults.stream()
                .anyMatch(fault ->
                        fault.kind() == Kind.CERTIFICATE_EXPIRED || fault.kind() == Kind.CERTIFICATE_NOT_YET_VALID);
        if (!isAboutDates) {
            return faults;
        }
        List<RegistryFault> all = new ArrayList<>(faults);
        skew(door).ifPresent(all::add);
        return all;
    }

    private Optional<RegistryFault> skew(Door door) {
        Door unverified = new Door(
                door.host(),
                door.name(),
                door.port(),
                false,
                io.farrier.transport.Trust.blind(),
                door.proxy(),
                door.go());
        try (Wire wire = Wire.open(unverified, names, clock)) {
            HttpWords.Answer answer = wire.ask(new HttpWords.Question("GET", "/v2/", Map.of(), MAX_PING_BYTES));
            return answer.header("date").flatMap(RegistryProbe::date).flatMap(theirs -> skew(door, theirs));
        } catch (ProbeException nobodySays) {
            return Optional.empty();
        }
    }

    private Optional<RegistryFault> skew(Door door, Instant theirs) {
        Duration ahead = Duration.between(theirs, clock.instant());
        return ahead.abs().compareTo(SKEW) < 0
                ? Optional.empty()
                : Optional.of(Faults.fault(
                        Kind.CLOCK_SKEW,
                        "",
                        "This node's clock is " + rough(ahead.abs()) + (ahead.isNegative() ? " behind" : " ahead of")
                                + " that of " + door.host() + ": set it before anything else.",
                        "timedatectl"));
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeParseException noDate) {
            return Optional.empty();
        }
    }

    private static String rough(Duration time) {
        if (time.toDays() > 1) {
            return time.toDays() + " days";
        }
        return time.toHours() > 1 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
    }
}
