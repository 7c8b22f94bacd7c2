package io.farrier.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.registry.Examination.Served;
import io.farrier.registry.HttpWords.Answer;
import io.farrier.registry.HttpWords.Question;
import io.farrier.registry.RegistryFault.Kind;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Questions to one registry with one login: Basic, or a token from the server it names. The login goes to nobody else,
 * to nobody who was not verified, and not again after it was refused.
 */
final class Session {
    private static final int MAX_TOKENS = 100; // one for each repository; beyond that they are asked for again

    private final Door door;
    private final Registry registry;
    private final Names names;
    private final Clock clock;
    private final LoginMemory logins;
    private final Consumer<Served> witness;
    private final Map<String, String> tokens = new HashMap<>();

    /** @param witness of what its token server shows */
    Session(Door door, Registry registry, Names names, Clock clock, LoginMemory logins, Consumer<Served> witness) {
        this.door = door;
        this.registry = registry;
        this.names = names;
        this.clock = clock;
        this.logins = logins;
        this.witness = witness;
    }

    /**
     * The registry's answer, after a login where it wants one.
     *
     * @param repository for whose content a token is asked
     */
    Answer ask(String method, String target, String repository, Map<String, String> headers, int maxBody)
            throws ProbeException {
        Optional<String> known = Optional.ofNullable(tokens.get(repository));
        Answer first = send(new Question(method, target, with(headers, known), maxBody));
        if (first.status() != 401) {
            return first;
        }
        Challenge challenge = Challenge.parse(first.header("www-authenticate").orElse(""));
        if (challenge.isBasic()) {
            return withLogin(new Question(method, target, headers, maxBody));
        }
        if (!challenge.isBearer() || known.isPresent()) {
            return first;
        }
        String token = "Bearer " + token(challenge, repository);
        if (tokens.size() >= MAX_TOKENS) {
            tokens.clear();
        }
        tokens.put(repository, token);
        return send(new Question(method, target, with(headers, Optional.of(token)), maxBody));
    }

    private Answer withLogin(Question question) throws ProbeException {
        Registry.Login login = usableLogin().orElseThrow(() -> new ProbeException(loginMissing()));
        Answer answer = send(new Question(
                question.method(),
                question.target(),
                with(question.headers(), Optional.of(RegistryClient.basic(login))),
                question.maxBody()));
        if (answer.status() == 401) {
            logins.refused(registry.host(), login);
            throw new ProbeException(loginRefused(login, door.host().value()));
        }
        logins.accepted(registry.host(), login);
        return answer;
    }

    private Optional<Registry.Login> usableLogin() throws ProbeException {
        if (registry.login().isEmpty()) {
            return Optional.empty();
        }
        Registry.Login login = registry.login().get();
        if (!door.isVerified()) {
            throw new ProbeException(Faults.fault(
                    Kind.LOGIN_HELD_BACK,
                    "",
                    "The login of '" + login.username() + "' was not sent to " + door.host()
                            + ", because nobody verifies who answers there. Give it a certificate.",
                    ""));
        }
        Optional<Instant> until = logins.heldUntil(registry.host(), login);
        if (until.isPresent()) {
            throw new ProbeException(
                    Faults.fault(Kind.LOGIN_HELD_BACK, "", LoginGate.held(registry.host(), login, until.get()), ""));
        }
        return Optional.of(login);
    }

    private RegistryFault loginMissing() {
        return Faults.fault(
                Kind.LOGIN_MISSING,
                "no basic auth credentials",
                door.host() + " wants a login and none is configured: add 'auth' to this registry. On Docker it serves"
                        + " farrier's own pulls only; the kubelet has its own.",
                "");
    }

    private static RegistryFault loginRefused(Registry.Login login, String by) {
        return Faults.fault(
                Kind.LOGIN_REFUSED,
                "unauthorized: authentication required",
                by + " refused the login of '" + login.username()
                        + "': the password is wrong or old, or the account is locked.",
                "");
    }

    // ---- tokens

    private String token(Challenge challenge, String repository) throws ProbeException {
        TokenRealm realm;
        try {
            realm = TokenRealm.of(challenge.parameter("realm"), registry, names);
        } catch (IOException unsafe) {
            throw new ProbeException(Faults.fault(Kind.HOSTILE, "", String.valueOf(unsafe.getMessage()), ""));
        }
        int port = realm.uri().getPort() < 0 ? 443 : realm.uri().getPort();
        Door server = door.to(realm.uri().getHost(), port, false);
        // Whoever may not have the login is asked for an anonymous token.
        Optional<Registry.Login> login = realm.mayHaveLogin() ? usableLogin() : Optional.empty();
        Question question = new Question(
                "GET",
                RegistryClient.target(realm, repository, challenge),
                with(Map.of(), login.map(RegistryClient::basic)),
                RegistryClient.MAX_TOKEN_BYTES);
        Answer answer;
        try (Wire wire = Wire.open(server, server.name().equals(door.name()) ? names : names.abroad(), clock)) {
            wire.chain().ifPresent(chain -> witness.accept(new Served(server, chain)));
            answer = wire.ask(question);
        } catch (ProbeException failed) {
            throw new ProbeException(throughTokenServer(server, failed.faults().get(0)));
        }
        return token(server, answer, login);
    }

    private String token(Door server, Answer answer, Optional<Registry.Login> login) throws ProbeException {
        if (login.isPresent() && answer.status() == 401) {
            logins.refused(registry.host(), login.get());
            throw new ProbeException(loginRefused(login.get(), server.host().value()));
        }
        if (answer.status() != 200) {
            throw new ProbeException(tokenServer(server, "answered " + answer.status() + " instead of a token"));
        }
        login.ifPresent(accepted -> logins.accepted(registry.host(), accepted));
        try {
            JsonNode json = RegistryClient.MAPPER.readTree(answer.body());
            String token = json.path("token").asText(json.path("access_token").asText(""));
            if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new ProbeException(tokenServer(server, "answered without a usable token"));
            }
            return token;
        } catch (ProbeException unusable) {
            throw unusable;
        } catch (IOException notJson) {
            throw new ProbeException(tokenServer(server, "answered with something else than JSON"));
        }
    }

    private RegistryFault throughTokenServer(Door server, RegistryFault fault) {
        boolean isOfTrust = fault.kind().isOfTrust();
        return Faults.fault(
                Kind.TOKEN_SERVER,
                fault.words(),
                door.host() + " sends its clients to " + server.host() + " for a token. " + fault.sentence()
                        + (isOfTrust
                                ? " The runtime trusts that server as it trusts the registry: list its CA beside the"
                                        + " registry's."
                                : ""),
                fault.command());
    }

    private RegistryFault tokenServer(Door server, String did) {
        return Faults.fault(
                Kind.TOKEN_SERVER,
                "",
                door.host() + " sends its clients to " + server.host() + " for a token, and that " + did + ".",
                "");
    }

    private static Map<String, String> with(Map<String, String> headers, Optional<String> authorization) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        authorization.ifPresent(value -> all.put("Authorization", value));
        return all;
    }

    private Answer send(Question question) throws ProbeException {
        try (Wire wire = Wire.open(door, names, clock)) {
            return wire.ask(question);
        }
    }
}
